//! What `str` can do and slices of bytes can't: paths are bytes, whatever they are written in.

/// With each occurrence of a piece put in the place of another.
pub fn replaced(text: &[u8], piece: &[u8], by: &[u8]) -> Vec<u8> {
    let mut new = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        match rest.strip_prefix(piece) {
            Some(behind) => {
                new.extend_from_slice(by);
                rest = behind;
            }
            None => {
                new.push(byte);
                rest = after;
            }
        }
    }
    new
}
