/** What keeps a key from others: the file's own mode, or the key store of the user's system account. */
export type KeyProtection = 'file-mode' | 'system-key-store'

/** Turns a key into what may lie on disk, and back. */
export interface Sealer {
  readonly protection: KeyProtection
  /** Why it is not better protected, as a sentence for the user; `null` when there is nothing to say. */
  readonly note: string | null
  seal(key: Uint8Array): Promise<Uint8Array>
  /** Rejects when it cannot be opened here; the message never holds key material. */
  open(sealed: Uint8Array): Promise<Uint8Array>
}

/** Leaves the key as it is: a file that only its owner can read is what protects it, as with SSH keys. */
export function createFileModeSealer(note: string | null = null): Sealer {
  return {
    protection: 'file-mode',
    note,
    seal: async (key) => Uint8Array.from(key),
    open: async (sealed) => Uint8Array.from(sealed),
  }
}
