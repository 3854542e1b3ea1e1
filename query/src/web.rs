//! GraphiQL, built from `query/web` and embedded in the binary.

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use include_dir::{Dir, include_dir};
use tower_http::compression::CompressionLayer;

/// Empty if the page was not built when this was compiled; the build script says how it comes
/// here.
static FILES: Dir<'_> = include_dir!("$OUT_DIR/web");

/// Shown where the page was not built.
const NOT_BUILT: &str = "<!doctype html>
<html lang=\"en\"><meta charset=\"utf-8\"><title>Moim</title>
<h1>Moim</h1>
<p>The API is here: send GraphQL by POST, subscribe at <code>/graphql/ws</code>.</p>
<p>GraphiQL is not in this binary. To have it, build the page, then the binary again:</p>
<pre>(cd query/web &amp;&amp; npm ci &amp;&amp; npm run build) &amp;&amp; cargo build</pre>
</html>
";

/// The editor's styles are made by script, its workers start from blobs.
const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:; \
    connect-src 'self' ws: wss:; frame-ancestors 'none'";

/// What a browser that opens `/graphql` is shown.
pub(crate) fn page() -> Response {
    let index = FILES.get_file("index.html").map(include_dir::File::contents);
    let mut response = Response::new(Body::from(index.unwrap_or(NOT_BUILT.as_bytes())));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.append(VARY, HeaderValue::from_static("accept"));
    response
}

/// The page's scripts and styles. Their names change with their contents.
pub(crate) fn assets() -> Router {
    Router::new().route("/{*path}", get(asset)).layer(CompressionLayer::new())
}

async fn asset(Path(path): Path<String>) -> Response {
    let Some(file) = FILES.get_file(&path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut response = Response::new(Body::from(file.contents()));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type(&path)));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let forever = HeaderValue::from_static("public, max-age=31536000, immutable");
    headers.insert(CACHE_CONTROL, forever);
    response
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("html") => "text/html; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("ttf") => "font/ttf",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}
