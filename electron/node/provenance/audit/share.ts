/** `part` of `whole` with six decimals, cut off, from integers alone: the same on every machine. */
export function shareOf(part: number, whole: number): string {
  if (whole === 0) return '0.000000'
  const millionths = (BigInt(part) * 1_000_000n) / BigInt(whole)
  return `${millionths / 1_000_000n}.${(millionths % 1_000_000n).toString().padStart(6, '0')}`
}
