"""What `forkproxy start` serves where there is no configuration: one page that helps on."""

from __future__ import annotations

# The page stands in single quotes, and every "$" would begin a variable: it has neither.
_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>forkproxy runs</title>
<style>
  :root { color-scheme: light dark; }
  body { max-width: 40rem; margin: 4rem auto; padding: 0 1.25rem; font: 17px/1.6 system-ui; }
  pre { padding: 1rem; border: 1px solid #8886; border-radius: 8px; overflow: auto; }
  pre, code { font: 14px/1.5 ui-monospace, monospace; }
  h1 { letter-spacing: -.02em; }
</style>
<h1>forkproxy runs</h1>
<p>It found no configuration, so it serves this page. To put it in front of an application
that listens on port 3000, stop it and say</p>
<pre>forkproxy proxy --to :3000</pre>
<p>or write a file <code>forkproxy.conf</code> and say <code>forkproxy start</code> beside it:</p>
<pre>server {
    listen 8080;
    location / {
        proxy_pass http://127.0.0.1:3000;
        proxy_set_header Host &#36;host;
        proxy_set_header X-Forwarded-For &#36;proxy_add_x_forwarded_for;
    }
}</pre>
<p>The language is nginx\\'s: an nginx.conf that you have is a good start.
<code>forkproxy check</code> says what is wrong with a file,
<code>forkproxy demo</code> shows a proxy at work, and
<code>forkproxy --help</code> has the rest.</p>
"""

CONFIGURATION = f"""\
error_log stderr;

events {{
}}

http {{
    access_log off;

    server {{
        listen 8080;

        location / {{
            default_type "text/html; charset=utf-8";
            add_header Cache-Control no-store;
            return 200 '{_PAGE}';
        }}
    }}
}}
"""
