import { Select, TextInput } from '@mantine/core'
import type { Keeper } from '../../../shared/remote-log.ts'

export interface KeeperDraft {
  kind: Keeper['kind']
  path: string
  url: string
}

export const NO_KEEPER: KeeperDraft = { kind: 'embedded', path: '', url: '' }

const KINDS: { value: Keeper['kind']; label: string }[] = [
  { value: 'embedded', label: 'This node’s data folder' },
  { value: 'folder', label: 'Another folder, such as a share' },
  { value: 'twirp', label: 'A server over HTTP' },
  { value: 'ipfs', label: 'IPFS, with an IPNS name' },
]

/** What was chosen; null while something is left to fill in. */
export function keeperOf({ kind, path, url }: KeeperDraft): Keeper | null {
  switch (kind) {
    case 'embedded':
    case 'ipfs':
      return { kind }
    case 'folder':
      return path.trim() === '' ? null : { kind, path: path.trim() }
    case 'twirp':
      return /^https?:\/\/[^/]+/.test(url.trim()) ? { kind, url: url.trim().replace(/\/+$/, '') } : null
  }
}

export interface KeeperFieldsProps {
  draft: KeeperDraft
  onChange(draft: KeeperDraft): void
}

/** Who keeps the log. */
export function KeeperFields({ draft, onChange }: KeeperFieldsProps) {
  return (
    <>
      <Select
        label="Kept by"
        data={KINDS}
        value={draft.kind}
        allowDeselect={false}
        onChange={(kind) => onChange({ ...draft, kind: (kind ?? 'embedded') as Keeper['kind'] })}
      />
      {draft.kind === 'folder' ? (
        <TextInput
          label="Folder on the node’s machine"
          placeholder="/srv/tidemark-logs"
          value={draft.path}
          maxLength={4_096}
          spellCheck={false}
          onChange={(event) => onChange({ ...draft, path: event.currentTarget.value })}
        />
      ) : null}
      {draft.kind === 'twirp' ? (
        <TextInput
          label="Address of the server"
          placeholder="https://log.example"
          value={draft.url}
          maxLength={2_048}
          spellCheck={false}
          onChange={(event) => onChange({ ...draft, url: event.currentTarget.value })}
        />
      ) : null}
    </>
  )
}
