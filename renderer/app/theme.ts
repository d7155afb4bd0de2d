import {
  type CSSVariablesResolver,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core'
import { DARK, LIGHT, type Tokens } from '../ui/tokens.ts'

/** Mantine asks for ten shades of each colour; ours are chosen one by one, so its shades are all the token. */
function flat(colour: string): MantineColorsTuple {
  return [colour, colour, colour, colour, colour, colour, colour, colour, colour, colour]
}

const darkShades: MantineColorsTuple = [
  DARK.text,
  '#C3CBD6',
  DARK.muted,
  '#6F7C8D',
  DARK.line,
  DARK.line,
  DARK.raised,
  DARK.ground,
  '#0B0D11',
  '#07090C',
]

const variantColorResolver: VariantColorsResolver = (input) => {
  const usual = defaultVariantColorsResolver(input)
  const colour = input.color ?? input.theme.primaryColor
  if (colour === 'accent' && input.variant === 'filled') {
    return {
      background: 'var(--tm-accent)',
      hover: 'var(--tm-accent-hover)',
      color: 'var(--tm-on-accent)',
      border: '1px solid transparent',
    }
  }
  if (colour === 'accent' && input.variant === 'light') {
    return {
      background: 'var(--tm-accent-tint)',
      hover: 'var(--tm-accent-tint-hover)',
      color: 'var(--tm-accent)',
      border: '1px solid transparent',
    }
  }
  if (input.variant === 'subtle' && (colour === 'accent' || colour === 'gray')) {
    return {
      background: 'transparent',
      hover: 'var(--tm-hover)',
      color: colour === 'gray' ? 'var(--tm-muted)' : 'var(--tm-accent)',
      hoverColor: colour === 'gray' ? 'var(--tm-text)' : 'var(--tm-accent)',
      border: '1px solid transparent',
    }
  }
  return usual
}

/** Four sizes of type: notes, the working size, headings, titles. */
export const theme = createTheme({
  primaryColor: 'accent',
  colors: { dark: darkShades, accent: flat(DARK.accent), danger: flat(DARK.forged) },
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  fontSizes: { xs: '0.6875rem', sm: '0.8125rem', md: '0.8125rem', lg: '0.9375rem', xl: '1.25rem' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.45', lg: '1.4', xl: '1.3' },
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '1.25rem' }, h2: { fontSize: '0.9375rem' } } },
  defaultRadius: 6,
  radius: { xs: '3px', sm: '5px', md: '6px', lg: '8px', xl: '12px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  variantColorResolver,
  components: {
    Tooltip: {
      defaultProps: { openDelay: 350, transitionProps: { duration: 80 }, withArrow: false },
      styles: {
        tooltip: {
          background: 'var(--tm-raised)',
          color: 'var(--tm-text)',
          border: '1px solid var(--tm-line)',
          boxShadow: '0 4px 14px rgb(0 0 0 / 22%)',
          fontSize: '0.6875rem',
        },
      },
    },
    // The first item takes the focus: a menu may own nothing but its items, and the place that would hold it is none.
    Menu: {
      defaultProps: { transitionProps: { duration: 80 }, shadow: 'md', withInitialFocusPlaceholder: false },
    },
    Popover: { defaultProps: { transitionProps: { duration: 80 }, shadow: 'md' } },
    ModalRoot: { defaultProps: { transitionProps: { duration: 100 }, centered: true } },
    ModalOverlay: { defaultProps: { backgroundOpacity: 0.5 } },
    Spotlight: {
      defaultProps: { transitionProps: { duration: 80 }, overlayProps: { backgroundOpacity: 0.5 } },
      styles: { content: { background: 'var(--tm-raised)', border: '1px solid var(--tm-line)' } },
    },
    Button: { defaultProps: { size: 'sm' } },
  },
})

function variablesOf(tokens: Tokens): Record<string, string> {
  const mix = (colour: string, percent: number, over = 'transparent') =>
    `color-mix(in srgb, ${colour} ${percent}%, ${over})`
  return {
    '--tm-ground': tokens.ground,
    '--tm-panel': tokens.panel,
    '--tm-raised': tokens.raised,
    '--tm-line': tokens.line,
    '--tm-line-soft': mix(tokens.line, 60),
    '--tm-text': tokens.text,
    '--tm-muted': tokens.muted,
    '--tm-accent': tokens.accent,
    '--tm-accent-hover': mix(tokens.accent, 86, tokens.text),
    '--tm-accent-tint': mix(tokens.accent, 12),
    '--tm-accent-tint-hover': mix(tokens.accent, 18),
    '--tm-on-accent': tokens.onAccent,
    '--tm-hover': mix(tokens.text, 6),
    '--tm-verified': tokens.verified,
    '--tm-pending': tokens.pending,
    '--tm-unauthorised': tokens.unauthorised,
    '--tm-forged': tokens.forged,
    '--tm-equivocation': tokens.equivocation,
    ...Object.fromEntries(tokens.series.map((colour, index) => [`--tm-series-${index}`, colour])),
    '--mantine-color-body': tokens.ground,
    '--mantine-color-text': tokens.text,
    '--mantine-color-dimmed': tokens.muted,
    '--mantine-color-placeholder': tokens.muted,
    '--mantine-color-default': tokens.raised,
    '--mantine-color-dark-filled': tokens.raised,
    '--mantine-color-default-hover': mix(tokens.text, 6, tokens.raised),
    '--mantine-color-default-color': tokens.text,
    '--mantine-color-default-border': tokens.line,
    '--mantine-color-error': tokens.forged,
    '--mantine-color-anchor': tokens.accent,
    '--mantine-primary-color-filled': tokens.accent,
    '--mantine-primary-color-contrast': tokens.onAccent,
    '--mantine-color-accent-filled': tokens.accent,
    '--mantine-color-accent-text': tokens.accent,
    // Items of menus take the seventh shade of their colour, whatever the theme.
    '--mantine-color-accent-6': tokens.accent,
    '--mantine-color-danger-6': tokens.forged,
    '--mantine-color-danger-filled': tokens.forged,
    '--mantine-color-danger-text': tokens.forged,
    '--mantine-color-danger-outline': tokens.forged,
  }
}

export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  dark: variablesOf(DARK),
  light: variablesOf(LIGHT),
})
