import { Button, Menu } from '@mantine/core'
import {
  IconChevronDown,
  IconDeviceFloppy,
  IconDownload,
  IconLink,
  IconPencil,
  IconRestore,
  IconSparkles,
  IconTrash,
  IconUpload,
} from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { useTRPC } from '../../api/provider.tsx'
import { PlainText, visibleText } from '../../ui/plain-text.tsx'
import classes from './layout-menu.module.css'
import { NameDialog } from './name-dialog.tsx'
import type { LayoutHandle } from './use-layout.ts'
import type { LayoutCare } from './use-layout-care.ts'

export interface LayoutMenuProps {
  handle: LayoutHandle
  care: LayoutCare
  /** Opened from outside, by a shortcut. */
  naming: 'save' | 'rename' | null
  onNaming(what: 'save' | 'rename' | null): void
}

/** Which arrangement is on screen, the others there are, and what can be done with it. */
export function LayoutMenu({ handle, care, naming, onNaming }: LayoutMenuProps) {
  const trpc = useTRPC()
  const [opened, setOpened] = useState(false)
  const list = useQuery(trpc.layouts.list.queryOptions(undefined, { enabled: opened }))
  const file = useRef<HTMLInputElement>(null)
  const { layout, savedId, isEdited, isAutomatic } = handle
  const name = isAutomatic ? 'Automatic' : layout.name
  return (
    <>
      <Menu opened={opened} onChange={setOpened} position="bottom-start" width={300}>
        <Menu.Target>
          <Button
            variant="default"
            size="xs"
            className={classes.target}
            rightSection={<IconChevronDown size={13} />}
            aria-label={`Layout: ${visibleText(name)}${isEdited ? ', edited' : ''}`}
          >
            <span className={classes.name}>
              <PlainText>{name}</PlainText>
            </span>
            {isEdited ? <span className={classes.edited}>edited</span> : null}
          </Button>
        </Menu.Target>
        <Menu.Dropdown className={classes.dropdown}>
          <Menu.Label>Layouts</Menu.Label>
          <div className={classes.list}>
            <Menu.Item
              leftSection={<IconSparkles size={14} />}
              data-current={savedId === null && !isEdited ? true : undefined}
              onClick={() => care.open(null)}
            >
              Automatic
            </Menu.Item>
            {(list.data ?? []).map((entry) => (
              <Menu.Item
                key={entry.id}
                data-current={entry.id === savedId || undefined}
                aria-current={entry.id === savedId || undefined}
                disabled={entry.problem !== null}
                onClick={() => care.open(entry.id)}
                rightSection={
                  <span className={classes.count}>
                    {entry.problem === null ? `${entry.panels} panels` : 'unreadable'}
                  </span>
                }
              >
                <PlainText>{entry.name}</PlainText>
                {entry.problem === null ? null : (
                  <span className={classes.problem}>
                    <PlainText>{entry.problem}</PlainText>
                  </span>
                )}
              </Menu.Item>
            ))}
          </div>
          <Menu.Divider />
          {savedId !== null && isEdited ? (
            <Menu.Item leftSection={<IconDeviceFloppy size={14} />} onClick={() => void care.save()}>
              Save
            </Menu.Item>
          ) : null}
          <Menu.Item leftSection={<IconDeviceFloppy size={14} />} onClick={() => onNaming('save')}>
            Save as…
          </Menu.Item>
          {savedId === null ? null : (
            <Menu.Item leftSection={<IconPencil size={14} />} onClick={() => onNaming('rename')}>
              Rename…
            </Menu.Item>
          )}
          {isEdited ? (
            <Menu.Item leftSection={<IconRestore size={14} />} onClick={care.discard}>
              Discard changes
            </Menu.Item>
          ) : null}
          <Menu.Divider />
          <Menu.Item leftSection={<IconLink size={14} />} onClick={() => void care.copyLink()}>
            Copy as a link
          </Menu.Item>
          <Menu.Item leftSection={<IconDownload size={14} />} onClick={care.exportFile}>
            Save as a file
          </Menu.Item>
          <Menu.Item leftSection={<IconUpload size={14} />} onClick={() => file.current?.click()}>
            Open a file…
          </Menu.Item>
          {savedId === null ? null : (
            <>
              <Menu.Divider />
              <Menu.Item
                color="danger"
                leftSection={<IconTrash size={14} />}
                onClick={() => void care.remove(savedId)}
              >
                Delete this layout
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      <input
        ref={file}
        type="file"
        accept=".json,application/json"
        hidden
        aria-label="Layout file"
        onChange={(event) => {
          const [chosen] = event.currentTarget.files ?? []
          event.currentTarget.value = ''
          if (chosen !== undefined) void care.importFile(chosen)
        }}
      />
      {naming === null ? null : (
        <NameDialog
          title={naming === 'save' ? 'Save the layout' : 'Rename the layout'}
          initial={isAutomatic ? '' : layout.name}
          action={naming === 'save' ? 'Save' : 'Rename'}
          onClose={() => onNaming(null)}
          onName={(chosen) => void (naming === 'save' ? care.save(chosen) : care.rename(chosen))}
        />
      )}
    </>
  )
}
