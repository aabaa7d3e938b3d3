//! Puts the members of a serializable value (such as a struct) into the cells of declared columns. The value as
//! a whole is never converted to JSON; only the content of a single cell is.

use serde::ser::{Error as _, Impossible, Serialize, SerializeMap, SerializeStruct, Serializer};
use serde_json::{Error, Result, Value};

use super::{Cell, CellKind, Columns};

/// Receives the members (keys and values) of a JSON object one by one.
pub(super) trait MemberVisitor {
    /// Receives the next member of the object: its key and its value.
    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<()>;
}

/// Passes the members of an object to a visitor. A null has no members.
///
/// # Errors
/// If the value is neither an object nor null; any error of the visitor.
pub(super) fn members<T: Serialize + ?Sized>(
    object: &T,
    visitor: &mut impl MemberVisitor,
) -> Result<()> {
    object.serialize(Members { visitor, key: String::new() })
}

/// The names of the columns as printed. The members of an object have dotted names, such as `source.kind`.
pub(super) fn names(columns: Columns) -> Vec<String> {
    let mut names = Vec::new();
    for (name, kind) in columns {
        match kind {
            CellKind::Object(columns) => {
                names.extend(self::names(columns).iter().map(|it| format!("{name}.{it}")));
            }
            _ => names.push((*name).to_owned()),
        }
    }
    names
}

/// The cells of a row, one for each column name that [`names`] returns.
///
/// # Errors
/// If the row is not an object, or if a value that is declared as an object is not an object.
pub(super) fn cells<T: Serialize>(row: &T, columns: Columns) -> Result<Vec<Cell>> {
    let mut cells = vec![Cell::Absent; width(columns)];
    members(row, &mut Row { columns, cells: &mut cells })?;
    Ok(cells)
}

fn width(columns: Columns) -> usize {
    columns.iter().map(|(_, kind)| width_of(*kind)).sum()
}

fn width_of(kind: CellKind) -> usize {
    if let CellKind::Object(columns) = kind { width(columns) } else { 1 }
}

/// The cells of an object. A member that is an object itself takes as many cells as it has columns.
struct Row<'c> {
    columns: Columns,
    cells: &'c mut [Cell],
}

impl MemberVisitor for Row<'_> {
    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<()> {
        let mut rest = &mut *self.cells;
        for (column, kind) in self.columns {
            let parts = std::mem::take(&mut rest).split_at_mut_checked(width_of(*kind));
            let Some((cells, after)) = parts else { break };
            if *column == name {
                match (kind, cells) {
                    (CellKind::Object(columns), cells) => {
                        return members(value, &mut Row { columns, cells });
                    }
                    (kind, [cell]) => *cell = kind.cell(serde_json::to_value(value)?),
                    _ => {}
                }
                break;
            }
            rest = after;
        }
        Ok(())
    }
}

/// A serializer for objects. It passes the members of an object to a visitor.
struct Members<'v, V> {
    visitor: &'v mut V,
    /// The key of a map's next value, which serde passes in a call of its own.
    key: String,
}

/// Implements the methods of a serializer for values that are not objects. All of them return an error.
macro_rules! no_objects {
    ($($method:ident($($argument:ty),*) -> $given:ty;)*) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$given> {
            Err(Error::custom("a value that is declared as an object is not an object"))
        })*
    };
}

impl<V: MemberVisitor> Serializer for Members<'_, V> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Impossible<(), Error>;
    type SerializeTuple = Impossible<(), Error>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Impossible<(), Error>;

    fn serialize_none(self) -> Result<()> {
        Ok(())
    }

    /// `serde_json` serializes null as a unit. A null has no members.
    fn serialize_unit(self) -> Result<()> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        self.visitor.member(variant, value)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self> {
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self> {
        Ok(self)
    }

    no_objects! {
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_str(&str) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_unit_struct(&'static str) -> ();
        serialize_unit_variant(&'static str, u32, &'static str) -> ();
        serialize_seq(Option<usize>) -> Self::SerializeSeq;
        serialize_tuple(usize) -> Self::SerializeTuple;
        serialize_tuple_struct(&'static str, usize) -> Self::SerializeTupleStruct;
        serialize_tuple_variant(&'static str, u32, &'static str, usize)
            -> Self::SerializeTupleVariant;
        serialize_struct_variant(&'static str, u32, &'static str, usize)
            -> Self::SerializeStructVariant;
    }
}

impl<V: MemberVisitor> SerializeStruct for Members<'_, V> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        key: &'static str,
        value: &T,
    ) -> Result<()> {
        self.visitor.member(key, value)
    }

    fn end(self) -> Result<()> {
        Ok(())
    }
}

impl<V: MemberVisitor> SerializeMap for Members<'_, V> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        match serde_json::to_value(key)? {
            Value::String(key) => self.key = key,
            _ => return Err(Error::custom("a key is not a text")),
        }
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        self.visitor.member(&self.key, value)
    }

    fn end(self) -> Result<()> {
        Ok(())
    }
}
