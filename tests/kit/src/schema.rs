//! What the program tells in JSON against the schemas in `docs/`: as much of JSON Schema as these
//! use, and stricter, as each member has to be described.

use std::{collections::BTreeSet, sync::LazyLock};

use serde_json::Value;

/// Of `--json`.
pub static EVENTS: LazyLock<Schema> =
    LazyLock::new(|| Schema::of(include_str!("../../../docs/events.schema.json")));

/// Of traces and `decode --json`.
pub static TRACES: LazyLock<Schema> =
    LazyLock::new(|| Schema::of(include_str!("../../../docs/trace.schema.json")));

/// A schema that refers to nothing outside of itself.
pub struct Schema(pub Value);

/// Why a value is not as its schema says.
struct Misfit {
    /// It is another variant than this one.
    is_other: bool,
    what: String,
}

/// Members that a schema describes.
type Described<'a> = BTreeSet<&'a str>;

impl Schema {
    fn of(text: &str) -> Self {
        Self(serde_json::from_str(text).expect("a schema is JSON"))
    }

    /// A definition by its name.
    pub fn definition(&self, name: &str) -> &Value {
        self.0["$defs"].get(name).unwrap_or_else(|| panic!("no definition {name}"))
    }

    /// Checks a value.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        self.whole(&self.0, value, "").map_err(|misfit| misfit.what)
    }

    /// Checks a value against one of the definitions.
    ///
    /// # Errors
    /// As of [`Self::check`].
    pub fn check_as(&self, name: &str, value: &Value) -> Result<(), String> {
        self.whole(self.definition(name), value, "").map_err(|misfit| misfit.what)
    }

    /// Checks a value of which each member has to be described.
    fn whole(&self, schema: &Value, value: &Value, at: &str) -> Result<(), Misfit> {
        if is_anything(schema) {
            return Ok(());
        }
        let described = self.described(schema, value, at)?;
        let mut names = value.as_object().into_iter().flat_map(serde_json::Map::keys);
        match names.find(|name| !described.contains(name.as_str())) {
            None => Ok(()),
            Some(name) => misfit(at, &format!("{name} is not described")),
        }
    }

    /// Checks a value, and says which of its members this schema describes.
    fn described<'a>(
        &'a self,
        schema: &'a Value,
        value: &'a Value,
        at: &str,
    ) -> Result<Described<'a>, Misfit> {
        let mut described = Described::new();
        let members = value.as_object();
        for (keyword, rule) in schema.as_object().expect("a schema is an object") {
            let list = || rule.as_array().expect("a list");
            match keyword.as_str() {
                "$ref" => described.extend(self.described(self.referred(rule), value, at)?),
                "allOf" => {
                    for rule in list() {
                        described.extend(self.described(rule, value, at)?);
                    }
                }
                "oneOf" => described.extend(self.variant(list(), value, at)?),
                "const" if value == rule => {}
                "const" => {
                    let what = format!("{at}: {value} is not {rule}");
                    return Err(Misfit { is_other: true, what });
                }
                "enum" if list().contains(value) => {}
                "enum" => return misfit(at, &format!("{value} is none of {rule}")),
                "type" if has_type(value, rule) => {}
                "type" => return misfit(at, &format!("{value} is no {rule}")),
                "minimum" if value.as_i64() < rule.as_i64() && value.is_i64() => {
                    return misfit(at, &format!("{value} is below {rule}"));
                }
                "$schema" | "$defs" | "title" | "description" | "minimum" => {}
                "required" => {
                    let has = |name: &&Value| {
                        members.is_some_and(|all| all.contains_key(name.as_str().expect("a name")))
                    };
                    if let Some(name) = list().iter().find(|name| !has(name)) {
                        return misfit(at, &format!("no {name}"));
                    }
                }
                "properties" => {
                    for (name, rule) in rule.as_object().expect("members") {
                        described.insert(name.as_str());
                        if let Some(value) = value.get(name) {
                            self.whole(rule, value, &format!("{at}.{name}"))?;
                        }
                    }
                }
                "additionalProperties" => {
                    for (name, value) in members.into_iter().flatten() {
                        described.insert(name.as_str());
                        self.whole(rule, value, &format!("{at}.{name}"))?;
                    }
                }
                "items" => {
                    for value in value.as_array().into_iter().flatten() {
                        self.whole(rule, value, &format!("{at}[]"))?;
                    }
                }
                other => panic!("{other}: this keyword is not known here"),
            }
        }
        Ok(described)
    }

    /// The one of these that it is.
    fn variant<'a>(
        &'a self,
        variants: &'a [Value],
        value: &'a Value,
        at: &str,
    ) -> Result<Described<'a>, Misfit> {
        let (mut found, mut nearest) = (None, None);
        for variant in variants {
            match self.described(variant, value, at) {
                Ok(_) if found.is_some() => return misfit(at, "more than one variant fits"),
                Ok(described) => found = Some(described),
                Err(misfit) if !misfit.is_other => nearest = Some(misfit),
                Err(_) => {}
            }
        }
        let none = || Misfit { is_other: true, what: format!("{at}: no variant fits {value}") };
        found.ok_or_else(|| nearest.unwrap_or_else(none))
    }

    fn referred(&self, reference: &Value) -> &Value {
        let name = reference.as_str().and_then(|text| text.strip_prefix("#/$defs/"));
        self.definition(name.expect("a reference within the schema"))
    }
}

fn misfit<T>(at: &str, what: &str) -> Result<T, Misfit> {
    Err(Misfit { is_other: false, what: format!("{at}: {what}") })
}

fn is_anything(schema: &Value) -> bool {
    schema.as_object().is_some_and(|rules| rules.keys().all(|keyword| keyword == "description"))
}

fn has_type(value: &Value, types: &Value) -> bool {
    let is = |name: &Value| match name.as_str() {
        Some("string") => value.is_string(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => panic!("{name}: no type that is known here"),
    };
    types.as_array().map_or_else(|| is(types), |types| types.iter().any(is))
}

/// Checks each line that is an event or belongs to a trace.
///
/// # Panics
/// With the line that is not as its schema says.
pub fn check_lines(text: &str) {
    for line in text.lines() {
        let schema = match line {
            _ if line.starts_with(r#"{"schema":"#) => &EVENTS,
            _ if line.starts_with(r#"{"trace":"#) => &TRACES,
            _ if line.starts_with(r#"{"exchange":"#) => &TRACES,
            _ => continue,
        };
        // A process that was killed may leave half a line.
        let Ok(value) = serde_json::from_str(line) else { continue };
        schema.check(&value).unwrap_or_else(|why| panic!("{why}\n{line}"));
    }
}
