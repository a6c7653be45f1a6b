import {
  Alert,
  Combobox,
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  Menu,
  Modal,
  Popover,
  Select,
} from '@mantine/core';

/** What opens over the page is told from it by its edge, in both schemes. */
const DROPDOWN = { dropdown: { borderColor: 'var(--sync-color-edge)' } };

/** Text on filled buttons and in links has a contrast of 4.5 to 1 at least, in both schemes. */
export const theme = createTheme({
  primaryColor: 'blue',
  primaryShade: { light: 8, dark: 8 },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  headings: { fontWeight: '650' },
  components: {
    // their own colours are too pale for words
    Alert: Alert.extend({ styles: { title: { color: 'var(--mantine-color-text)' } } }),
    // what is typed takes the place of what was chosen, and Enter takes the best of what is found
    Select: Select.extend({
      defaultProps: {
        selectFirstOptionOnChange: true,
        onMouseDown: (event) => {
          const { currentTarget: field } = event;
          // a further click puts the caret where it is
          if (field.readOnly || field === document.activeElement) return;
          event.preventDefault();
          field.focus();
          field.select();
        },
      },
    }),
    // an element in it that is no item is none of a menu
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false }, styles: DROPDOWN }),
    // a list that opens brings its choice into sight: of the list alone, not of the page, whose field would go under what stays in sight
    Combobox: Combobox.extend({ defaultProps: { floatingStrategy: 'fixed' } }),
    // lists to choose from are popovers too, and menus with their shadow
    Popover: Popover.extend({ defaultProps: { shadow: 'md' }, styles: DROPDOWN }),
    // the head of a dialog is no banner of the page
    Modal: Modal.extend({ defaultProps: { attributes: { header: { role: 'presentation' } } } }),
    Drawer: Drawer.extend({ defaultProps: { attributes: { header: { role: 'presentation' } } } }),
  },
});

/** The kit's own greys and reds are too pale to be read by everybody, and so is its orange: `--sync-color-warning` is for words in it. So are the arrows of lists in the dark. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: { '--combobox-chevron-color': 'var(--mantine-color-dimmed)' },
  light: {
    '--mantine-color-dimmed': '#52606d',
    '--mantine-color-placeholder': '#5f6b76',
    '--mantine-color-error': '#c92a2a',
    '--sync-color-warning': '#ad3b00',
    '--sync-color-edge': 'var(--mantine-color-gray-5)',
    '--mantine-color-anchor': '#1864ab',
  },
  dark: {
    '--mantine-color-dimmed': '#b4bac1',
    '--mantine-color-placeholder': '#a5adb5',
    '--mantine-color-error': '#ff8787',
    '--sync-color-warning': '#ffc078',
    '--sync-color-edge': 'var(--mantine-color-dark-3)',
    '--mantine-color-anchor': '#74c0fc',
  },
});
