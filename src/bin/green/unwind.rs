//! Backtraces of threads that don't run, from outside: frame by frame, by the unwind tables (.eh_frame) of the mapped files.

use crate::memory::Memory;
use crate::symbols::{section, Elf, Symbols};
use crate::thread::Left;
use addr2line::gimli::{
    self, BaseAddresses, CfaRule, EhFrame, EndianSlice, EvaluationResult, Location, Register, RegisterRule,
    UnwindContext, UnwindExpression, UnwindSection, Value,
};
use object::{Object as _, ObjectSection};

type Reader = EndianSlice<'static, gimli::LittleEndian>;

/// The most frames of a backtrace.
const MOST: usize = 512;

/// Registers by their numbers in DWARF (x86-64 psABI, figure 3.36).
const RBX: usize = 3;
const RBP: usize = 6;
const RSP: usize = 7;
const RIP: usize = 16;
const KEPT_BY_CALLS: [usize; 6] = [RBX, RBP, 12, 13, 14, 15];
type Registers = [Option<u64>; 17];

/// One file's unwind tables.
pub struct Frames {
    section: EhFrame<Reader>,
    bases: BaseAddresses,
    /// Where each function begins and ends, and its entry, by address.
    index: Vec<(u64, u64, usize)>,
}

impl Frames {
    pub fn read(elf: &Elf) -> Option<Frames> {
        let at = |name| elf.section_by_name(name).map_or(0, |s| s.address());
        let bytes = section(elf, ".eh_frame")?;
        let section = EhFrame::from(EndianSlice::new(bytes, gimli::LittleEndian));
        let bases = BaseAddresses::default().set_eh_frame(at(".eh_frame")).set_text(at(".text")).set_got(at(".got"));
        let mut index = Vec::new();
        let mut entries = section.entries(&bases);
        while let Ok(Some(entry)) = entries.next() {
            let gimli::CieOrFde::Fde(partial) = entry else { continue };
            if let Ok(fde) = partial.parse(EhFrame::cie_from_offset) {
                index.push((fde.initial_address(), fde.initial_address().wrapping_add(fde.len()), fde.offset()));
            }
        }
        index.sort_unstable();
        Some(Frames { section, bases, index })
    }
}

/// A frame of a backtrace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// An address in the instruction that it's at: the call that it has made, or where a signal interrupted it.
    pub at: u64,
    /// It's what the kernel puts between a signal handler and what that interrupted.
    pub is_signal: bool,
}

/// A thread's backtrace, the innermost frame first, and why it stops short, if it does. `outermost`: where the outermost frames of all
/// coroutines begin; that one isn't shown.
pub fn backtrace(
    memory: &Memory,
    symbols: &Symbols,
    left: &Left,
    outermost: u64,
) -> (Vec<Frame>, Option<&'static str>) {
    let mut registers: Registers = [None; 17];
    registers[RBX] = Some(left.rbx);
    registers[RBP] = Some(left.rbp);
    registers[RSP] = Some(left.rsp);
    registers[RIP] = Some(left.rip);
    if let Some(others) = left.others {
        registers[12..16].copy_from_slice(&others.map(Some));
    }
    let mut frames = Vec::new();
    let mut after_call = left.has_called;
    if !after_call && symbols.object(left.rip).is_none() {
        // It went astray, by a pointer to no function most likely: then who called has left a return address.
        frames.push(Frame { at: left.rip, is_signal: false });
        let Some(back) = memory.word(left.rsp).filter(|&back| symbols.object(back).is_some()) else {
            return (frames, Some("that is in no file"));
        };
        (registers[RIP], registers[RSP], after_call) = (Some(back), left.rsp.checked_add(8), true);
    }
    while frames.len() < MOST {
        let Some(rip) = registers[RIP].filter(|&rip| rip != 0 && rip != outermost) else { return (frames, None) };
        let at = if after_call { rip - 1 } else { rip };
        match step(memory, symbols, &registers, at, outermost) {
            Some(Step::To(next, is_signal)) => {
                // A stack that doesn't get shorter is damaged, or ours to misread; but a handler may have run on another stack.
                let stuck = next[RSP] <= registers[RSP] && !is_signal;
                frames.push(Frame { at, is_signal });
                if stuck {
                    return (frames, Some("the stack is damaged here"));
                }
                (registers, after_call) = (*next, !is_signal);
            }
            Some(Step::Coroutine) => return (frames, None),
            Some(Step::Outermost) => {
                frames.push(Frame { at, is_signal: false });
                return (frames, None);
            }
            None => {
                frames.push(Frame { at, is_signal: false });
                let Some(next) = by_frame_pointer(memory, symbols, &registers) else {
                    return (frames, Some("there's no unwind information beyond here"));
                };
                (registers, after_call) = (next, true);
            }
        }
    }
    (frames, Some("there are more frames"))
}

enum Step {
    /// The caller's registers, and whether that was interrupted by a signal rather than having called.
    To(Box<Registers>, bool),
    /// It's a thread's first frame.
    Outermost,
    /// It's the first frame of a coroutine, which is ours: beyond it is the carrier's stack of another time.
    Coroutine,
}

/// From a frame to its caller's. None: there are no tables for it, or they don't make sense.
fn step(memory: &Memory, symbols: &Symbols, registers: &Registers, at: u64, outermost: u64) -> Option<Step> {
    let object = symbols.object(at)?;
    let frames = object.frames()?;
    let address = object.file_address(at);
    let before = frames.index.partition_point(|f| f.0 <= address);
    let &(low, high, offset) = frames.index[..before].last()?;
    if address >= high {
        return None;
    }
    if outermost != 0 && low == object.file_address(outermost) {
        return Some(Step::Coroutine);
    }
    let fde = frames.section.fde_from_offset(&frames.bases, offset.into(), EhFrame::cie_from_offset).ok()?;
    let mut context = UnwindContext::new();
    let row = fde.unwind_info_for_address(&frames.section, &frames.bases, &mut context, address).ok()?;
    let expression = |e: UnwindExpression<usize>, cfa: Option<u64>| {
        let expression = e.get(&frames.section).ok()?;
        evaluate(memory, registers, expression, fde.cie().encoding(), cfa)
    };
    let cfa = match *row.cfa() {
        CfaRule::RegisterAndOffset { register, offset } => {
            (*registers.get(register.0 as usize)?)?.wrapping_add_signed(offset)
        }
        CfaRule::Expression(e) => expression(e, None)?,
    };
    let mut next: Registers = [None; 17];
    for (number, value) in next.iter_mut().enumerate() {
        *value = match row.register(Register(number as u16)) {
            Some(RegisterRule::Undefined) if number == RIP => return Some(Step::Outermost),
            Some(RegisterRule::Undefined) => None,
            Some(RegisterRule::SameValue) => registers[number],
            Some(RegisterRule::Offset(offset)) => memory.word(cfa.wrapping_add_signed(offset)),
            Some(RegisterRule::ValOffset(offset)) => Some(cfa.wrapping_add_signed(offset)),
            Some(RegisterRule::Register(other)) => registers.get(other.0 as usize).copied().flatten(),
            Some(RegisterRule::Expression(e)) => memory.word(expression(e, Some(cfa))?),
            Some(RegisterRule::ValExpression(e)) => Some(expression(e, Some(cfa))?),
            None if number == RSP => Some(cfa),
            None if KEPT_BY_CALLS.contains(&number) => registers[number],
            _ => None,
        };
    }
    next[RIP]?;
    Some(Step::To(Box::new(next), fde.is_signal_trampoline()))
}

/// Without tables: as if rbp were kept for frames. None if it isn't, as far as can be seen.
fn by_frame_pointer(memory: &Memory, symbols: &Symbols, registers: &Registers) -> Option<Registers> {
    let (rbp, rsp) = (registers[RBP]?, registers[RSP]?);
    if rbp < rsp || rbp - rsp > 1 << 20 || rbp % 8 != 0 {
        return None;
    }
    let mut next: Registers = [None; 17];
    next[RBP] = Some(memory.word(rbp)?);
    next[RIP] = Some(memory.word(rbp + 8)?);
    next[RSP] = Some(rbp + 16);
    symbols.object(next[RIP]?).map(|_| next)
}

fn evaluate(
    memory: &Memory,
    registers: &Registers,
    expression: gimli::Expression<Reader>,
    encoding: gimli::Encoding,
    cfa: Option<u64>,
) -> Option<u64> {
    let mut evaluation = expression.evaluation(encoding);
    evaluation.set_max_iterations(1000);
    if let Some(cfa) = cfa {
        evaluation.set_initial_value(cfa);
    }
    let mut result = evaluation.evaluate().ok()?;
    loop {
        result = match result {
            EvaluationResult::Complete => break,
            EvaluationResult::RequiresRegister { register, .. } => {
                let value = (*registers.get(register.0 as usize)?)?;
                evaluation.resume_with_register(Value::Generic(value)).ok()?
            }
            EvaluationResult::RequiresMemory { address, size: 8, .. } => {
                evaluation.resume_with_memory(Value::Generic(memory.word(address)?)).ok()?
            }
            _ => return None,
        };
    }
    match evaluation.as_result().last()?.location {
        Location::Address { address } => Some(address),
        _ => None,
    }
}
