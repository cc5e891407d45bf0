"""HTTP plumbing that knows no slice: cookies, CSRF, headers, error pages, templates, audiences."""
