/** The keys this node has, by the publisher and id that messages name. */
export class KeyRing {
  readonly #keys = new Map<string, Uint8Array>()

  add(publisher: string, id: string, key: Uint8Array): void {
    this.#keys.set(`${publisher} ${id}`, key)
  }

  find(publisher: string, id: string): Uint8Array | undefined {
    return this.#keys.get(`${publisher} ${id}`)
  }
}
