/** What libp2p and Helia look for, by name, when a store does not have a key. */
export class NotFound extends Error {
  override readonly name = 'NotFoundError'
}
