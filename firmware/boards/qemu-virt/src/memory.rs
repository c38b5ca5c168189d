//! The heap and the stack, and how much of them was ever in use.

use core::{
    alloc::{GlobalAlloc, Layout},
    cell::Cell,
    ptr::{addr_of, addr_of_mut},
};

use critical_section::Mutex;
use embedded_alloc::LlffHeap;

/// The size of the heap. An ESP32-C3 has 320 KB, of which the radio takes much.
const HEAP: usize = 64 * 1024;

/// The value of an unused word of the stack.
const UNUSED: u32 = 0xdead_beef;

#[global_allocator]
static ALLOCATOR: Counting = Counting { heap: LlffHeap::empty(), most: Mutex::new(Cell::new(0)) };

struct Counting {
    heap: LlffHeap,
    most: Mutex<Cell<usize>>,
}

// SAFETY: all calls are passed on to a heap that keeps the contract.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: our caller keeps the contract.
        let block = unsafe { self.heap.alloc(layout) };
        let used = self.heap.used();
        critical_section::with(|token| {
            let most = self.most.borrow(token);
            most.set(most.get().max(used));
        });
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: our caller keeps the contract.
        unsafe { self.heap.dealloc(block, layout) }
    }
}

unsafe extern "C" {
    /// The end of what the linker placed in RAM (riscv-rt's `link.x`).
    static mut __sheap: u32;
    static _stack_start: u32;
}

/// Sets up the heap and marks the stack as unused. Call it once, at the start.
pub(crate) fn begin() {
    static mut MEMORY: [u8; HEAP] = [0; HEAP];
    let here = 0_u32;
    // SAFETY: called once; the marked words are below the stack in use and above all variables.
    unsafe {
        ALLOCATOR.heap.init(addr_of_mut!(MEMORY) as usize, HEAP);
        let mut word = addr_of_mut!(__sheap);
        let end = (addr_of!(here) as usize).saturating_sub(1024);
        while (word as usize) < end {
            word.write_volatile(UNUSED);
            word = word.add(1);
        }
    }
}

/// How much memory is in use, in bytes.
pub(crate) struct Use {
    /// The heap in use now.
    pub(crate) heap: usize,
    /// The most of the heap that was in use so far.
    pub(crate) heap_most: usize,
    /// The most of the stack that was in use so far.
    pub(crate) stack_most: usize,
}

/// Measures how much memory is and was in use.
pub(crate) fn usage() -> Use {
    let heap_most = critical_section::with(|token| ALLOCATOR.most.borrow(token).get());
    // SAFETY: everything between the variables and the top of the stack is RAM.
    let stack_most = unsafe {
        let top = addr_of!(_stack_start);
        let mut word = addr_of!(__sheap);
        while word < top && word.read_volatile() == UNUSED {
            word = word.add(1);
        }
        top as usize - word as usize
    };
    Use { heap: ALLOCATOR.heap.used(), heap_most, stack_most }
}
