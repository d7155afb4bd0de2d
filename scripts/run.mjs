// The one door behind every npm script: `node scripts/run.mjs COMMAND …`. Any Node can read this file, so that one
// too old for the rest says so in a sentence; keep its language as plain as it is.
var OLDEST_SETUP = 20

var major = Number(process.versions.node.split('.')[0])
if (major >= OLDEST_SETUP) {
  import('./commands.mjs')
} else {
  process.stderr.write(
    'tidemark: Tidemark is set up with Node ' +
      OLDEST_SETUP +
      '.0 or newer; this is ' +
      process.version +
      '.\n' +
      'tidemark: Install a current Node from your system’s packages or nodejs.org and run the command again.\n',
  )
  process.exit(1)
}
