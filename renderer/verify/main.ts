import './in-browser/buffer-global.ts'
import { verifyEvidenceFile } from '../../electron/node/provenance/verify-evidence.ts'
import { MAX_REPORT_BYTES } from '../../shared/audit-report.ts'
import { showContent } from './content.ts'
import { element } from './element.ts'

const OUTCOME_WORDS = { good: 'Good', 'not-good': 'Not good', 'not-readable': 'Not readable' } as const

function part(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`The page has no ${id}`)
  return found
}

/** Checks the bytes of a file and shows what came of it; nothing of a file that is not good is shown as true. */
function check(bytes: Uint8Array): void {
  const verdict = verifyEvidenceFile(bytes)
  const { outcome, sentence } = verdict
  const statements = verdict.outcome === 'good' ? verdict.statements : []
  const box = part('verdict')
  box.dataset.outcome = outcome
  box.replaceChildren(
    element('strong', `${OUTCOME_WORDS[outcome]}: ${sentence}`),
    element('ul', ...statements.map((statement) => element('li', statement))),
  )
  box.hidden = false
  const content = part('content')
  content.hidden = outcome !== 'good'
  content.replaceChildren(
    ...(outcome === 'good' ? showContent(JSON.parse(new TextDecoder().decode(bytes))) : []),
  )
}

async function checkFile(file: File | undefined): Promise<void> {
  if (file === undefined) return
  // One byte more than the largest file there is: enough to be refused for its size.
  check(new Uint8Array(await file.slice(0, MAX_REPORT_BYTES + 1).arrayBuffer()))
}

const input = part('file') as HTMLInputElement
input.addEventListener('change', () => void checkFile(input.files?.[0]))
document.addEventListener('dragover', (event) => event.preventDefault())
document.addEventListener('drop', (event) => {
  event.preventDefault()
  void checkFile(event.dataTransfer?.files[0])
})

// A page that carries its evidence within itself, in base64, checks it at once.
const carried = part('evidence').textContent.trim()
if (carried !== '') {
  part('choose').hidden = true
  part('title').textContent = 'Evidence, checked here'
  check(Uint8Array.from(Buffer.from(carried, 'base64')))
}
