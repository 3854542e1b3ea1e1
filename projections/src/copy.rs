//! Rows in the binary format of `COPY … FROM STDIN`, the fastest way to many new rows (PostgreSQL
//! documentation, "COPY", "Binary Format").

use sqlx::PgConnection;
use uuid::Uuid;

use crate::failure::WriteError;

/// Type `integer` in the catalogue (`pg_type.dat`).
const INTEGER_OID: i32 = 23;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// Rows of one table.
#[derive(Debug)]
pub(crate) struct Rows {
    bytes: Vec<u8>,
    columns: i16,
}

impl Rows {
    /// None yet; each will have that many columns.
    pub(crate) fn new(columns: i16) -> Self {
        let mut bytes = SIGNATURE.to_vec();
        // Neither flags nor an extension of the header.
        bytes.extend_from_slice(&[0; 8]);
        Self { bytes, columns }
    }

    /// Begins a row; its fields follow, in the order that the statement names.
    pub(crate) fn row(&mut self) -> &mut Self {
        self.bytes.extend_from_slice(&self.columns.to_be_bytes());
        self
    }

    /// The row's next field.
    pub(crate) fn field(&mut self, field: impl Field) -> &mut Self {
        field.put(&mut self.bytes);
        self
    }

    /// Writes them by that `COPY … FROM STDIN (FORMAT binary)`.
    pub(crate) async fn copy(
        mut self,
        db: &mut PgConnection,
        statement: &'static str,
    ) -> Result<(), WriteError> {
        self.bytes.extend_from_slice(&(-1_i16).to_be_bytes());
        let mut copy = db.copy_in_raw(statement).await?;
        copy.send(self.bytes).await?;
        copy.finish().await?;
        Ok(())
    }
}

/// What a field may hold.
pub(crate) trait Field {
    /// Adds its length and its bytes.
    fn put(self, bytes: &mut Vec<u8>);
}

fn put(bytes: &mut Vec<u8>, field: &[u8]) {
    // What comes from an event is far below 2 GiB.
    let len = i32::try_from(field.len()).unwrap_or(i32::MAX);
    bytes.extend_from_slice(&len.to_be_bytes());
    bytes.extend_from_slice(field);
}

impl Field for i16 {
    fn put(self, bytes: &mut Vec<u8>) {
        put(bytes, &self.to_be_bytes());
    }
}

impl Field for i32 {
    fn put(self, bytes: &mut Vec<u8>) {
        put(bytes, &self.to_be_bytes());
    }
}

impl Field for i64 {
    fn put(self, bytes: &mut Vec<u8>) {
        put(bytes, &self.to_be_bytes());
    }
}

impl Field for Uuid {
    fn put(self, bytes: &mut Vec<u8>) {
        put(bytes, self.as_bytes());
    }
}

impl Field for &str {
    fn put(self, bytes: &mut Vec<u8>) {
        put(bytes, self.as_bytes());
    }
}

/// An array of numbers, none of them NULL.
impl Field for &[i32] {
    fn put(self, bytes: &mut Vec<u8>) {
        let len = i32::try_from(self.len()).unwrap_or(i32::MAX);
        let dimensions = i32::from(len > 0);
        let mut field = Vec::with_capacity(20 + 8 * self.len());
        for header in [dimensions, 0, INTEGER_OID] {
            field.extend_from_slice(&header.to_be_bytes());
        }
        if len > 0 {
            // It counts from 1.
            field.extend_from_slice(&len.to_be_bytes());
            field.extend_from_slice(&1_i32.to_be_bytes());
        }
        for number in self {
            number.put(&mut field);
        }
        put(bytes, &field);
    }
}

impl<F: Field> Field for Option<F> {
    fn put(self, bytes: &mut Vec<u8>) {
        match self {
            Some(field) => field.put(bytes),
            // NULL has a length of -1 and no bytes.
            None => bytes.extend_from_slice(&(-1_i32).to_be_bytes()),
        }
    }
}
