// Looks at pages in headless Chromium and prints what it saw as JSON.
//
//   node look.mjs FOLDER        every page of a folder: light, dark and 360 px wide
//   node look.mjs TASKS.json    a list of {page, scheme, width, axe, click}; "-" reads it from stdin
//
// Every page is opened from its file, without a network. What would have left is in "requests".
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
  "--disable-background-networking", "--disable-component-update", "--disable-domain-reliability",
  "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND",
];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

function everyPage(folder) {
  const pages = readdirSync(folder).filter((name) => name.endsWith(".html")).sort();
  return pages.flatMap((name) => {
    const page = join(folder, name);
    return [
      { page, scheme: "light", width: 1280, axe: true },
      { page, scheme: "dark", width: 1280, axe: true },
      { page, scheme: "light", width: 360, axe: true },
    ];
  });
}

function readTasks(argument) {
  if (argument !== "-" && statSync(argument).isDirectory()) return everyPage(argument);
  return JSON.parse(readFileSync(argument === "-" ? 0 : argument, "utf8"));
}

// Runs inside the page.
function measure() {
  const all = [...document.querySelectorAll("*:not(#all-code)")]; // the template's own switch
  const links = all.flatMap((node) =>
    ["href", "src", "srcset", "action", "formaction", "xlink:href", "data", "poster", "background"]
      .filter((name) => node.hasAttribute(name))
      .map((name) => [node.localName, name, node.getAttribute(name)]));
  const formulas = [...document.querySelectorAll("math")];
  for (const folded of document.querySelectorAll("details")) folded.open = true;
  const overflow = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const hidden = formulas.filter((node) => {
    const box = node.getBoundingClientRect();
    const parts = [...node.querySelectorAll("*")].map((part) => part.getBoundingClientRect());
    return !(box.width > 0 && box.height > 0) || parts.some((part) => part.right > box.right + 1);
  });
  const wide = overflow <= 0 ? [] : all.filter((node) =>
    node.getBoundingClientRect().right > document.documentElement.clientWidth + 1 &&
    !node.closest("svg svg, svg *, .scroll *, .figure *, pre *, math *"));
  return {
    tags: [...new Set(all.map((node) => node.localName))].sort(),
    handlers: all.flatMap((node) =>
      [...node.attributes].map((a) => a.name).filter((name) => /^on/i.test(name))),
    links,
    text: document.body.textContent,
    title: document.title,
    ran: window.__ran ?? null,
    overflow,
    wide: wide.slice(0, 5).map((node) => node.outerHTML.slice(0, 120)),
    formulas: formulas.length,
    invisible: hidden.map((node) => node.textContent.slice(0, 80)),
  };
}

async function clickEverything(page) {
  await page.evaluate(() => {
    document.addEventListener("click", (event) => {
      // Follow what would run here, not what leads to another page.
      const link = event.target.closest?.("a");
      const to = link?.href?.baseVal ?? link?.href ?? "";
      if (!/^(javascript|data|vbscript|blob):/i.test(to)) event.preventDefault();
    });
    for (const node of document.querySelectorAll("a, button, input, summary, area, [onclick]"))
      node.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, view: window }));
  });
  await page.waitForTimeout(200);
}

async function look(browser, task) {
  const own = pathToFileURL(resolve(task.page)).href;
  const seen = { requests: [], console: [], dialogs: [], popups: [] };
  const context = await browser.newContext({
    colorScheme: task.scheme ?? "light",
    viewport: { width: task.width ?? 1280, height: 900 },
  });
  await context.setOffline(true);
  await context.route("**/*", (route) =>
    route.request().url().split("#")[0] === own ? route.continue() : route.abort());
  context.on("request", (request) => {
    if (request.url().split("#")[0] !== own) seen.requests.push(request.url());
  });
  const page = await context.newPage();
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) seen.console.push(message.text());
  });
  page.on("pageerror", (error) => seen.console.push(String(error)));
  page.on("popup", (other) => seen.popups.push(other.url()));
  page.on("dialog", (dialog) => {
    seen.dialogs.push(dialog.message());
    dialog.dismiss().catch(() => {}); // it may be gone already
  });
  await page.goto(own, { waitUntil: "load" });
  await page.waitForTimeout(task.wait ?? 0);
  if (task.click) await clickEverything(page);
  const found = await page.evaluate(measure);
  let violations = [];
  if (task.axe) {
    await page.evaluate(axe);
    const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    violations = result.violations.flatMap(({ id, impact, nodes }) => nodes.map((node) =>
      `${id} (${impact}): ${node.html.slice(0, 120)}: ${node.failureSummary.replace(/\s+/g, " ")}`));
  }
  await context.close();
  return { ...task, own, ...seen, ...found, violations };
}

// Names that Chromium's network stack was asked for, also by prefetches that no page reports.
function hostsIn(log) {
  const hosts = new Set();
  for (const [, host] of readFileSync(log, "utf8").matchAll(/"(?:host|url|hostname|dns_query_name)":\s*"([^"]+)"/g))
    hosts.add(host);
  return [...hosts].filter((host) => !/^(file|data|blob|chrome|about|devtools|chrome-extension):/.test(host)).sort();
}

const [argument] = process.argv.slice(2);
if (!argument) {
  console.error("usage: node look.mjs FOLDER | TASKS.json | -");
  process.exit(2);
}
const tasks = readTasks(argument);
const scratch = mkdtempSync(join(tmpdir(), "look-"));
const log = join(scratch, "net.json");
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: [...FLAGS, `--log-net-log=${log}`],
});
const pages = [];
let next = 0;
async function lookAtTheRest() {
  for (let number; (number = next++) < tasks.length; )
    pages[number] = await look(browser, tasks[number]);
}
try {
  await Promise.all([lookAtTheRest(), lookAtTheRest()]);
} finally {
  await browser.close();
}
console.log(JSON.stringify({ pages, hosts: hostsIn(log) }, null, 1));
rmSync(scratch, { recursive: true, force: true });
