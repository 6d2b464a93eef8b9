//! What valgrind is told, if the program runs under it: where the green threads' stacks are. Without that it takes each switch for
//! a stack that grows by gigabytes. (Its client requests are instructions that do nothing elsewhere: valgrind.h.)

use core::arch::asm;

const RUNNING_ON_VALGRIND: usize = 0x1001;
const STACK_REGISTER: usize = 0x1501;
const STACK_DEREGISTER: usize = 0x1502;

/// A client request; 0 outside of valgrind.
fn request(code: usize, first: usize, second: usize) -> usize {
    let arguments = [code, first, second, 0, 0, 0];
    let answer: usize;
    // SAFETY: the rotations come to nothing, and so does the exchange; valgrind reads the arguments, and writes the answer.
    unsafe {
        asm!("rol rdi, 3", "rol rdi, 13", "rol rdi, 61", "rol rdi, 51", "xchg rbx, rbx",
             inout("rdx") 0usize => answer, in("rax") arguments.as_ptr(), options(nostack));
    }
    answer
}

/// Whether the program runs under it.
pub fn is_here() -> bool {
    request(RUNNING_ON_VALGRIND, 0, 0) != 0
}

/// A new stack, from its lowest address to behind its highest; valgrind's number for it.
pub fn register_stack(low: usize, high: usize) -> usize {
    request(STACK_REGISTER, low, high)
}

/// One that is a stack no more.
pub fn forget_stack(number: usize) {
    request(STACK_DEREGISTER, number, 0);
}
