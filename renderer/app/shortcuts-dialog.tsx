import { Button } from '@mantine/core'
import { Dialog } from '../ui/dialog.tsx'
import { dialogStore, tourStore } from '../ui/dialogs.ts'
import { useExternalStore } from '../ui/external-store.ts'
import { Kbd, splitHeld } from '../ui/kbd.tsx'
import { type Shortcut, useRegisteredShortcuts } from '../ui/shortcuts.ts'
import classes from './shortcuts-dialog.module.css'

interface Line {
  label: string
  ways: (readonly string[])[]
}

/** Lines by group; several ways to the same thing stand on one line. */
export function shortcutLines(shortcuts: readonly Shortcut[]): Map<string, Line[]> {
  const groups = new Map<string, Line[]>()
  for (const { group, label, keys } of shortcuts) {
    const lines = groups.get(group) ?? []
    const line = lines.find((candidate) => candidate.label === label)
    if (line === undefined) lines.push({ label, ways: [keys] })
    else line.ways.push(keys)
    groups.set(group, lines)
  }
  return groups
}

/** The presses of a sequence, each as the keys held together. */
function presses(keys: readonly string[]): string[] {
  return keys.flatMap(splitHeld)
}

export function ShortcutsDialog() {
  const opened = useExternalStore(dialogStore) === 'shortcuts'
  const groups = shortcutLines(useRegisteredShortcuts())
  return (
    <Dialog opened={opened} onClose={() => dialogStore.set(null)} title="Keyboard shortcuts" widthPx={720}>
      <div className={classes.groups}>
        {[...groups].map(([group, lines]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl>
              {lines.map((line) => (
                <div key={line.label}>
                  <dt>{line.label}</dt>
                  <dd>
                    {line.ways.map((keys) => (
                      <Kbd key={keys.join(' ')} keys={presses(keys)} then={keys.length > 1} />
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <Button
        variant="default"
        size="xs"
        mt={16}
        onClick={() => {
          dialogStore.set(null)
          tourStore.set(0)
        }}
      >
        Take the tour again
      </Button>
    </Dialog>
  )
}
