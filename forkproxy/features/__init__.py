"""One file a directive family, by nginx's name. The order here is the order in the request.

Filters run in nginx's order: slices, conditions, added fields, content of other kinds, compression,
ranges.
"""

from __future__ import annotations

from forkproxy.core.making import Install
from forkproxy.features import (
    access,
    access_log,
    addition,
    api,
    auth_basic,
    auth_jwt,
    auth_request,
    cache,
    charset,
    compress,
    empty_gif,
    error_page,
    gateways,
    geo,
    gunzip,
    headers,
    health,
    hsts,
    keepalive_disable,
    limit_conn,
    limit_rate,
    limit_req,
    metrics,
    mirror,
    not_modified,
    precompressed,
    proxy,
    proxy_store,
    range,
    realip,
    referer,
    satisfy,
    script,
    secure_link,
    slice,
    split_clients,
    ssi,
    static,
    status_zone,
    stub_status,
    sub_filter,
    try_files,
    userid,
)

# Whose variables are made known before anything is compiled, and filled in when all are known.
COMPUTED = (geo, split_clients)

FEATURES: tuple[Install, ...] = (
    limit_req.install,
    limit_conn.install,
    access.install,
    auth_basic.install,
    auth_jwt.install,
    auth_request.install,
    satisfy.install,  # after all that guard the access phase
    secure_link.install,
    try_files.install,
    mirror.install,
    proxy.install,
    gateways.install,
    script.install,
    health.install,
    proxy_store.install,
    cache.install,  # around what is asked elsewhere
    stub_status.install,
    empty_gif.install,
    api.install,
    metrics.install,
    referer.install,
    static.install,  # after all other handlers: files are what is left
    precompressed.install,  # around the handler of files
    slice.install,
    not_modified.install,
    headers.install,
    hsts.install,
    keepalive_disable.install,
    userid.install,
    gunzip.install,
    sub_filter.install,
    charset.install,
    ssi.install,
    addition.install,  # what is added is not searched
    compress.install,
    range.install,  # the last filter: it cuts what is sent
    limit_rate.install,
    error_page.install,
    realip.install,  # last of all, to be first of its phase
    access_log.install,
    status_zone.install,
)
