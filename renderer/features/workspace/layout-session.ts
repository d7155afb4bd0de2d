import { type Layout, layoutText, parseLayout } from '../../../shared/layout.ts'
import { createExternalStore, type ExternalStore } from '../../ui/external-store.ts'
import type { LayoutEdit } from './layout-edit.ts'

/** Steps that can be taken back. */
export const MAX_UNDO = 100
/** Unsaved layouts kept over a reload; those left longest go first. */
const MAX_DRAFTS = 12
const STORAGE_KEY = 'tidemark:layout-drafts'

/** What stands in the place of the base layout: null is the base itself. */
export interface LayoutSessionState {
  edited: Layout | null
  past: readonly (Layout | null)[]
  future: readonly (Layout | null)[]
}

export interface LayoutSession {
  readonly state: ExternalStore<LayoutSessionState>
  /** Changes what is shown; `base` is what is there when nothing was changed yet. */
  apply(edit: LayoutEdit, base: Layout): void
  undo(): void
  redo(): void
  /** Shows another layout, which can be taken back. */
  replace(layout: Layout | null): void
  /** What was edited has been saved: it is the base now. */
  settled(): void
}

type Drafts = [string, string][]

function readDrafts(): Drafts {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '[]')
    if (!Array.isArray(kept)) return []
    return kept.filter(
      (entry): entry is [string, string] =>
        Array.isArray(entry) && typeof entry[0] === 'string' && typeof entry[1] === 'string',
    )
  } catch {
    return []
  }
}

/** A draft that was damaged or comes from a newer version is as good as none. */
function readDraft(key: string): Layout | null {
  const text = readDrafts().find(([other]) => other === key)?.[1]
  if (text === undefined) return null
  try {
    return parseLayout(text)
  } catch {
    return null
  }
}

function keepDraft(key: string, layout: Layout | null): void {
  const others = readDrafts().filter(([other]) => other !== key)
  const drafts = layout === null ? others : [...others, [key, layoutText(layout)]]
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(drafts.slice(-MAX_DRAFTS)))
  } catch {
    // Storage is full or refused: the draft holds until the page is closed.
    return
  }
}

/** The layout somebody works on: what was changed, and the way back. `key` names its draft. */
export function createLayoutSession(key: string): LayoutSession {
  const state = createExternalStore<LayoutSessionState>({ edited: readDraft(key), past: [], future: [] })

  function go(next: LayoutSessionState): void {
    state.set({ ...next, past: next.past.slice(-MAX_UNDO) })
    keepDraft(key, next.edited)
  }
  function step(edited: Layout | null): void {
    const { past, edited: before } = state.get()
    go({ edited, past: [...past, before], future: [] })
  }

  return {
    state,
    apply(edit, base) {
      const before = state.get().edited ?? base
      const after = edit(before)
      if (after !== before) step(after)
    },
    undo() {
      const { edited, past, future } = state.get()
      const before = past.at(-1)
      if (before === undefined) return
      go({ edited: before, past: past.slice(0, -1), future: [edited, ...future] })
    },
    redo() {
      const { edited, past, future } = state.get()
      const next = future[0]
      if (next === undefined) return
      go({ edited: next, past: [...past, edited], future: future.slice(1) })
    },
    replace: step,
    settled() {
      go({ edited: null, past: [], future: [] })
    },
  }
}
