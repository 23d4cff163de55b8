//! `GET /api/openapi.json` is what the program does: every path, every code, and its own examples work.

use axum::http::Method;
use serde_json::Value;

use super::{TOKEN, count, posting, start};
use crate::guard::read;
use crate::harness::database::both_databases;
use crate::harness::http::{get, request, send};

/// Every `$ref` below a value.
fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str));
            object.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

fn words(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|word| word.as_str().unwrap())
        .collect()
}

/// The keys that stand in quotation marks in a file's table of keys.
fn keys_of_articles() -> Vec<String> {
    let source = read("src/feed/pushed.rs");
    let table = source
        .split("const KEYS")
        .nth(1)
        .unwrap()
        .split("];")
        .next()
        .unwrap()
        .to_owned();
    let mut keys: Vec<String> = table
        .split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    keys.sort();
    keys
}

both_databases!(
    /// The description parses, leads nowhere wrong, and names every path, key and code that there is.
    the_description_is_whole,
    |db| async move {
        let app = start(db).await;
        let answer = get(&format!("{}/api/openapi.json", app.url)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
        let document = answer.json();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1."));
        assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }

        let table = read("src/web/mod.rs");
        let paths: Vec<&str> = table.split('"').filter(|text| text.starts_with("/api/")).collect();
        assert_eq!(paths, ["/api/articles", "/api/openapi.json"]);
        for path in paths.into_iter().chain(["/subscribe"]) {
            let described = document["paths"][path].as_object().unwrap_or_else(|| panic!("{path}"));
            for method in ["get", "post", "put", "delete"] {
                let method_of_http: Method = method.to_uppercase().parse().unwrap();
                let answer = send(request(method_of_http, &format!("{}{path}", app.url))).await;
                // The form's page is for people.
                let is_page = (path, method) == ("/subscribe", "get");
                assert_eq!(described.contains_key(method) || is_page, answer.status != 405, "{method} {path}");
            }
        }

        let schemas = &document["components"]["schemas"];
        let keys: Vec<_> = schemas["Article"]["properties"].as_object().unwrap().keys().cloned().collect();
        let mut sorted = keys.clone();
        sorted.sort();
        assert_eq!(sorted, keys_of_articles());
        let docs = read("docs/articles.md");
        let problems = read("src/web/api/problem.rs");
        let faults = read("src/feed/pushed.rs") + &read("src/service/push/read.rs");
        for (schema, source) in [("Problem", problems), ("Fault", faults)] {
            for code in words(&schemas[schema]["properties"]["code"]["enum"]) {
                assert!(source.contains(&format!("\"{code}\"")) && docs.contains(&format!("`{code}`")), "{schema} {code}");
            }
        }
    }
);

both_databases!(
    /// The examples are accepted by the real endpoints, and the answers have the keys that are promised.
    the_examples_are_accepted,
    |db| async move {
        let app = start(db).await;
        let document = get(&format!("{}/api/openapi.json", app.url)).await.json();
        let mut tried = 0;
        for path in ["/api/articles", "/subscribe"] {
            let body = &document["paths"][path]["post"]["requestBody"]["content"]["application/json"];
            for example in body["examples"].as_object().unwrap().values() {
                let example = example["value"].to_string();
                let sent = request(Method::POST, &format!("{}{path}", app.url)).header("content-type", "application/json");
                let answer = send(sent.bearer_auth(TOKEN).body(example.clone())).await;
                assert_eq!(answer.status, 200, "{path} {example}: {}", answer.text());
                tried += 1;
            }
        }
        assert_eq!((tried, count(&app).await), (3, 3));

        let schemas = &document["components"]["schemas"];
        let one = &document["paths"]["/api/articles"]["post"]["requestBody"]["content"]["application/json"]["examples"]["one"]["value"];
        let stored = send(posting(&app.url, &one.to_string()).bearer_auth(TOKEN)).await.json();
        let told = &stored["articles"][0];
        assert_eq!(told["result"], "same");
        let promised = words(&schemas["Stored"]["properties"]["articles"]["items"]["required"]);
        assert_eq!(told.as_object().unwrap().len(), promised.len());
        assert!(promised.iter().all(|key| told.get(key).is_some()), "{told}");
        let problem = send(posting(&app.url, "{}").bearer_auth(TOKEN)).await.json();
        for (schema, value) in [("Problem", &problem), ("Fault", &problem["errors"][0])] {
            let promised = words(&schemas[schema]["required"]);
            assert!(promised.iter().all(|key| value.get(key).is_some()), "{schema}: {value}");
        }
    }
);
