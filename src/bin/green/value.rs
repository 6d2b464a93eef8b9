//! An option's value that one of the library's variables takes, as clap is to know it: its words are for completions. Whether a value
//! makes sense isn't asked here: `run` does that of all settings alike.

use crate::variables::{self, Takes};
use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Arg, Command, Error};
use std::ffi::{OsStr, OsString};

/// Of the variable of that name.
#[derive(Clone)]
pub struct ValueOf(pub &'static str);

impl TypedValueParser for ValueOf {
    type Value = OsString;

    fn parse_ref(&self, _: &Command, _: Option<&Arg>, value: &OsStr) -> Result<OsString, Error> {
        Ok(value.to_owned())
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        match variables::find(self.0.as_bytes())?.takes {
            Takes::Word(words) => Some(Box::new(words.iter().map(|&word| PossibleValue::new(word)))),
            _ => None,
        }
    }
}
