//! A request as the sockets hand it over, and its URL taken apart.
//!
//! Owns path segments, matrix parameters (`;type=O`) and query parameters. Must not know: what a
//! path means.

use percent_encoding::percent_decode_str;

/// A request.
#[derive(Clone, Debug, Default)]
pub(super) struct Asked {
    /// `GET`, `PUT` …
    pub(super) method: String,
    /// Path, percent-encoded as it came.
    pub(super) path: String,
    /// Query without `?`.
    pub(super) query: String,
    /// The `Authorization` header.
    pub(super) authorization: Option<String>,
    /// The `Content-Type` header.
    pub(super) content_type: Option<String>,
    /// The `Accept` header.
    pub(super) accept: Option<String>,
    /// Body.
    pub(super) body: Vec<u8>,
}

impl Asked {
    /// Where the key stands, for the ledger: `header`, `query`, `none`.
    pub(super) fn key_in(&self) -> &'static str {
        match (&self.authorization, self.query.contains("apikey=")) {
            (Some(_), _) => "header",
            (None, true) => "query",
            (None, false) => "none",
        }
    }

    /// The key: that of the header, else that of the query, whose name must be lower case.
    pub(super) fn key(&self) -> Option<String> {
        if let Some(value) = &self.authorization {
            return value.strip_prefix("ApiKey ").map(|key| key.trim().to_owned());
        }
        pairs(&self.query, '&').into_iter().find(|(name, _)| name == "apikey").map(|(_, key)| key)
    }
}

/// A URL taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Route {
    /// Segments after `/rest`, decoded, without their matrix parameters.
    pub(super) segments: Vec<String>,
    matrix: Vec<(String, String)>,
    query: Vec<(String, String)>,
}

impl Route {
    /// Takes a path and query apart; `None` when the path is not below `/rest`.
    pub(super) fn of(path: &str, query: &str) -> Option<Self> {
        let path = path.strip_prefix("/rest/")?.trim_end_matches('/');
        let mut route = Self { query: pairs(query, '&'), ..Self::default() };
        for segment in path.split('/') {
            let (name, parameters) = segment.split_once(';').unwrap_or((segment, ""));
            route.matrix.extend(pairs(parameters, ';'));
            route.segments.push(decoded(name));
        }
        Some(route)
    }

    /// A matrix parameter, unless blank.
    pub(super) fn matrix(&self, name: &str) -> Option<&str> {
        value(&self.matrix, name)
    }

    /// A query parameter, unless blank.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        value(&self.query, name)
    }
}

fn value<'p>(pairs: &'p [(String, String)], name: &str) -> Option<&'p str> {
    let found = pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    found.filter(|value| !value.is_empty())
}

fn pairs(text: &str, between: char) -> Vec<(String, String)> {
    let parts = text.split(between).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrix_parameters_are_not_part_of_the_segment() {
        let route = Route::of("/rest/org/MAPLE-7/poc/NOC%2D1;pocFunction=AB/", "apikey=k&ttl=5");
        let route = route.unwrap();
        assert_eq!(route.segments, ["org", "MAPLE-7", "poc", "NOC-1"]);
        assert_eq!((route.matrix("pocFunction"), route.query("ttl")), (Some("AB"), Some("5")));
        assert_eq!(Route::of("/restful/net", ""), None);
    }

    #[test]
    fn the_key_s_name_is_lower_case_and_the_header_wins() {
        let asked = |authorization: Option<&str>, query: &str| Asked {
            authorization: authorization.map(str::to_owned),
            query: query.to_owned(),
            ..Asked::default()
        };
        assert_eq!(asked(None, "apikey=K").key().as_deref(), Some("K"));
        assert_eq!(asked(None, "apiKey=K").key(), None);
        assert_eq!(asked(Some("ApiKey H"), "apikey=K").key().as_deref(), Some("H"));
        assert_eq!(asked(Some("Bearer H"), "apikey=K").key(), None);
    }
}
