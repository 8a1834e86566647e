/** What nvcc put into a program. */

const MAGIC = Buffer.from([0x50, 0xed, 0x55, 0xba]);

/** One entry for each architecture of each source file: its kind, and the number of the architecture (90a counts as 90). */
export function deviceCode(program: Buffer): { kind: 'PTX' | 'machine code'; sm: number }[] {
  const found: ReturnType<typeof deviceCode> = [];
  for (let start = program.indexOf(MAGIC); start >= 0; start = program.indexOf(MAGIC, start + 1)) {
    const headerBytes = program.readUInt16LE(start + 6);
    if (program.readUInt16LE(start + 4) !== 1 || headerBytes !== 16) continue; // the number alone, in some other code
    const end = start + headerBytes + Number(program.readBigUInt64LE(start + 8));
    for (let at = start + headerBytes; at < end; ) {
      found.push({ kind: program.readUInt16LE(at) === 1 ? 'PTX' : 'machine code', sm: program.readUInt32LE(at + 28) });
      at += program.readUInt32LE(at + 4) + Number(program.readBigUInt64LE(at + 8));
    }
  }
  return found;
}
