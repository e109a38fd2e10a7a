"""Tests of the helpdesk console."""
