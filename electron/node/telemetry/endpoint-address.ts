import { TidemarkError } from '../../../shared/errors.ts'

/** @throws TidemarkError `invalid-input` when the address is not http or https; it is not repeated, it may hold a key. */
export function assertHttpAddress(address: string, what: string): void {
  const url = URL.parse(address)
  if (url !== null && /^https?:$/.test(url.protocol)) return
  throw new TidemarkError(
    'invalid-input',
    `The address of ${what} is not an http or https address.`,
    'Give it as http://host:port or https://host/path.',
  )
}
