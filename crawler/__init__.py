"""Lưu Trữ: the engine that archives Vietnamese district portals."""

__version__ = "0.1.0"
