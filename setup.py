"""For `scrapyd-deploy`, which builds eggs with setuptools; everything else is in pyproject.toml."""

from setuptools import find_packages, setup

setup(
    packages=find_packages(include=["crawler*", "spiders*", "pipelines*"]),
    package_data={"": ["*.toml", "*.md", "*.tsv", "LICENSE.*", "portals/*.toml"]},
    entry_points={"scrapy": ["settings = crawler.settings"]},
)
