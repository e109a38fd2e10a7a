"""Tests in a real Chromium: the widget, the assistant page, the demo page."""
