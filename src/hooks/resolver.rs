//! Names and addresses, users and groups.
#![allow(clippy::too_many_arguments)] // gethostbyaddr_r(3) has eight

use super::hook;
use crate::io::resolver;
use libc::{addrinfo, c_char, c_int, c_void, gid_t, group, hostent, passwd, size_t, sockaddr, socklen_t, uid_t};

type Str = *const c_char;
type Host = *mut hostent;
type Message = *const u8;
type Answer = *mut u8;
type State = *mut c_void;

hook! { green fn getaddrinfo(name: Str, service: Str, hints: *const addrinfo, found: *mut *mut addrinfo) -> c_int => resolver::getaddrinfo }
hook! { green fn getnameinfo(address: *const sockaddr, len: socklen_t, name: *mut c_char, name_len: socklen_t, service: *mut c_char, service_len: socklen_t, flags: c_int) -> c_int => resolver::getnameinfo }
hook! { green fn gethostbyname(name: Str) -> Host => resolver::gethostbyname }
hook! { green fn gethostbyname2(name: Str, family: c_int) -> Host => resolver::gethostbyname2 }
hook! { green fn gethostbyname_r(name: Str, host: Host, buffer: *mut c_char, len: size_t, found: *mut Host, error: *mut c_int) -> c_int => resolver::gethostbyname_r }
hook! { green fn gethostbyname2_r(name: Str, family: c_int, host: Host, buffer: *mut c_char, len: size_t, found: *mut Host, error: *mut c_int) -> c_int => resolver::gethostbyname2_r }
hook! { green fn gethostbyaddr(address: *const c_void, len: socklen_t, family: c_int) -> Host => resolver::gethostbyaddr }
hook! { green fn gethostbyaddr_r(address: *const c_void, len: socklen_t, family: c_int, host: Host, buffer: *mut c_char, buffer_len: size_t, found: *mut Host, error: *mut c_int) -> c_int => resolver::gethostbyaddr_r }

// (Their old names, __res_query and so on, are for programs that were linked before glibc 2.34 only: dlsym doesn't find them.)
hook! { green fn res_query(name: Str, class: c_int, kind: c_int, answer: Answer, len: c_int) -> c_int => resolver::res_query }
hook! { green fn res_search(name: Str, class: c_int, kind: c_int, answer: Answer, len: c_int) -> c_int => resolver::res_query }
hook! { green fn res_querydomain(name: Str, domain: Str, class: c_int, kind: c_int, answer: Answer, len: c_int) -> c_int => resolver::res_querydomain }
hook! { green fn res_send(message: Message, message_len: c_int, answer: Answer, len: c_int) -> c_int => resolver::res_send }
hook! { green fn res_nquery(state: State, name: Str, class: c_int, kind: c_int, answer: Answer, len: c_int) -> c_int => resolver::res_nquery }
hook! { green fn res_nsearch(state: State, name: Str, class: c_int, kind: c_int, answer: Answer, len: c_int) -> c_int => resolver::res_nquery }
hook! { green fn res_nquerydomain(state: State, name: Str, domain: Str, class: c_int, kind: c_int, answer: Answer, len: c_int) -> c_int => resolver::res_nquerydomain }
hook! { green fn res_nsend(state: State, message: Message, message_len: c_int, answer: Answer, len: c_int) -> c_int => resolver::res_nsend }

hook! { green fn getpwnam(name: Str) -> *mut passwd => resolver::getpwnam }
hook! { green fn getpwuid(id: uid_t) -> *mut passwd => resolver::getpwuid }
hook! { green fn getgrnam(name: Str) -> *mut group => resolver::getgrnam }
hook! { green fn getgrgid(id: gid_t) -> *mut group => resolver::getgrgid }
hook! { green fn getpwnam_r(name: Str, user: *mut passwd, buffer: *mut c_char, len: size_t, found: *mut *mut passwd) -> c_int => resolver::entry }
hook! { green fn getpwuid_r(id: uid_t, user: *mut passwd, buffer: *mut c_char, len: size_t, found: *mut *mut passwd) -> c_int => resolver::entry }
hook! { green fn getgrnam_r(name: Str, it: *mut group, buffer: *mut c_char, len: size_t, found: *mut *mut group) -> c_int => resolver::entry }
hook! { green fn getgrgid_r(id: gid_t, it: *mut group, buffer: *mut c_char, len: size_t, found: *mut *mut group) -> c_int => resolver::entry }
hook! { green fn getgrouplist(user: Str, first: gid_t, groups: *mut gid_t, n: *mut c_int) -> c_int => resolver::getgrouplist }
