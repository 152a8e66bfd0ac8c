"""The lab's front page: what runs, how well, and what to type next. See docs/front-page.md."""
