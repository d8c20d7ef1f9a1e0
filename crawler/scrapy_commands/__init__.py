"""Commands of `scrapy` that are better in this project than Scrapy's own."""
