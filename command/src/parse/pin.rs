//! PINs: six digits, that only their admin knows.

use std::fmt;

use zeroize::Zeroizing;

use crate::bus::Secret;
use crate::rejection::{Code, Rejection};

const PIN_LEN: usize = 6;

/// A PIN that is set or tried.
#[derive(Clone)]
pub struct Pin(Secret);

impl Pin {
    /// Reads a field: six of the digits 0–9, nothing around them.
    pub fn parse(field: &'static str, raw: &str) -> Result<Self, Rejection> {
        if raw.len() != PIN_LEN || !raw.bytes().all(|byte| byte.is_ascii_digit()) {
            let message = format!("A PIN is {PIN_LEN} digits.");
            return Err(Rejection::new(Code::PinMalformed, message).at(field));
        }
        Ok(Self(Zeroizing::new(raw.to_owned())))
    }

    /// The digits to be hashed.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_six_digits() {
        assert_eq!(Pin::parse("pin", "012345").unwrap().expose(), "012345");
        for bad in ["", "12345", "1234567", "12345a", " 12345", "12345\n", "１２３４５６", "١٢٣"]
        {
            let refused = Pin::parse("newPin", bad).unwrap_err();
            assert_eq!(refused.code, Code::PinMalformed, "{bad:?}");
            assert_eq!(refused.field.as_deref(), Some("newPin"));
        }
    }

    #[test]
    fn is_never_printed() {
        assert_eq!(format!("{:?}", Pin::parse("pin", "123456").unwrap()), "Pin(…)");
    }
}
