"""`python -m crawler`: the command `luutru` of this very Python."""

from crawler.cli import main

if __name__ == "__main__":
    main()
