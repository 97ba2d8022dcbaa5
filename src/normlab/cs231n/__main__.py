"""``python -m normlab.cs231n``: how to put the adapter on a path by hand."""

from normlab.cs231n import SITE, YEAR

if __name__ == "__main__":
    print(f"""To run the notebooks of CS231n, assignment 2, on normlab, start Jupyter so:

  PYTHONPATH={SITE} jupyter lab

and choose the kernel of the environment in which normlab is installed. `import cs231n` is then
normlab's. For a notebook of 2016 or 2017 also set {YEAR}=2017: there p was the probability
to drop a unit. In a notebook that runs already, write as its first lines

  import sys
  sys.path.insert(0, {str(SITE)!r})""")
