const WEI_DIGITS = 18
/** What is smaller is told as less than it; nobody is asked to read eighteen decimals. */
const SHOWN_DIGITS = 6

/** An amount in wei, as decimal text, in whole coins: `0.001234`, `< 0.000001`, `12.5`. */
export function formatWei(wei: string): string {
  const digits = wei.padStart(WEI_DIGITS + 1, '0')
  const whole = digits.slice(0, -WEI_DIGITS).replace(/\B(?=(\d{3})+$)/g, ',')
  const fraction = digits.slice(-WEI_DIGITS)
  const shown = fraction.slice(0, SHOWN_DIGITS).replace(/0+$/, '')
  if (shown !== '') return `${whole}.${shown}`
  return whole === '0' && /[1-9]/.test(fraction) ? `< 0.${'0'.repeat(SHOWN_DIGITS - 1)}1` : whole
}

/** Whether a balance covers a fee; both in wei as decimal text. */
export function covers(balanceWei: string, feeWei: string): boolean {
  return BigInt(balanceWei) >= BigInt(feeWei)
}
