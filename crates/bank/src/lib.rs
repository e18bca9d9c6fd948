//! The core bank behind one port.
