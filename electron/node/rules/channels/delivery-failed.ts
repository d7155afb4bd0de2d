/** A channel could not be told. The sentence is shown to the user, so it never holds a secret. */
export class DeliveryFailed extends Error {
  override readonly name = 'DeliveryFailed'
}
