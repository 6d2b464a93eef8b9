//! Key destructors (pthread_key_create(3)): the values lie in the TCB, where glibc's own get and set find them; the
//! destructors in glibc's table.

use super::tls;
use crate::below;
use core::ptr;
use libc::c_void;

/// A value: the sequence number of the key it was set for, and the pointer (glibc's struct pthread_key_data).
#[repr(C)]
struct Value {
    sequence: usize,
    data: *mut c_void,
}

/// A key: its sequence number and destructor (glibc's struct pthread_key_struct).
#[repr(C)]
struct Key {
    sequence: usize,
    destructor: Option<unsafe extern "C" fn(*mut c_void)>,
}

/// 32 tables of 32 keys (PTHREAD_KEYS_MAX is 1,024).
const TABLES: usize = 32;
const KEYS: usize = 32;
/// PTHREAD_DESTRUCTOR_ITERATIONS
const ROUNDS: usize = 4;

/// Runs the destructors of the calling thread's values, in glibc's order, up to four rounds while new values appear;
/// then frees the tables.
pub fn run_destructors(tp: usize) {
    let Some(keys) = below::symbol(c"__pthread_keys") else { return };
    let keys = keys as *const Key;
    let tables = tls::key_tables(tp) as *mut *mut Value;
    for _ in 0..ROUNDS {
        let mut again = false;
        for t in 0..TABLES {
            // SAFETY: glibc's 32 table pointers in the TCB, each NULL or 32 values.
            let table = unsafe { *tables.add(t) };
            if table.is_null() {
                continue;
            }
            for k in 0..KEYS {
                // SAFETY: as above; the key table has 1,024 entries.
                let (value, key) = unsafe { (&mut *table.add(k), &*keys.add(t * KEYS + k)) };
                let data = core::mem::replace(&mut value.data, ptr::null_mut());
                if data.is_null() || value.sequence != key.sequence {
                    continue;
                }
                if let Some(destructor) = key.destructor {
                    again = true;
                    // SAFETY: the program's destructor with the value it was set for.
                    unsafe { destructor(data) };
                }
            }
        }
        if !again {
            break;
        }
    }
    // The first table is part of the TCB; the others came from malloc (pthread_setspecific).
    for t in 1..TABLES {
        // SAFETY: as above; nobody uses the tables any more.
        unsafe {
            let table = core::mem::replace(&mut *tables.add(t), ptr::null_mut());
            libc::free(table as *mut c_void);
        }
    }
}
