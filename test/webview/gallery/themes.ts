/** What the editor puts on a webview's root in four of its own themes, as far as the panel asks for it. */

const common = {
  'font-family': "'Segoe UI', 'Ubuntu', 'Noto Sans CJK SC', sans-serif",
  'font-size': '13px',
  'font-weight': 'normal',
  'editor-font-family': "'Droid Sans Mono', monospace",
};

const dark = {
  foreground: '#cccccc',
  descriptionForeground: '#9d9d9d',
  errorForeground: '#f85149',
  focusBorder: '#0078d4',
  'icon-foreground': '#cccccc',
  'editor-background': '#1f1f1f',
  'editor-foreground': '#cccccc',
  'editorWidget-background': '#202020',
  'panel-border': '#2b2b2b',
  'button-background': '#0078d4',
  'button-foreground': '#ffffff',
  'button-hoverBackground': '#026ec1',
  'button-border': '#ffffff12',
  'button-secondaryBackground': '#313131',
  'button-secondaryForeground': '#cccccc',
  'button-secondaryHoverBackground': '#3c3c3c',
  'input-background': '#313131',
  'input-foreground': '#cccccc',
  'settings-textInputBackground': '#313131',
  'settings-textInputForeground': '#cccccc',
  'settings-textInputBorder': '#3c3c3c',
  'textLink-foreground': '#4daafc',
  'textPreformat-foreground': '#d0d0d0',
  'textCodeBlock-background': '#2b2b2b',
  'list-hoverBackground': '#2a2d2e',
  'list-activeSelectionBackground': '#04395e',
  'list-activeSelectionForeground': '#ffffff',
  'progressBar-background': '#0078d4',
  'editorWarning-foreground': '#cca700',
  'testing-iconPassed': '#73c991',
  'testing-iconFailed': '#f14c4c',
  'charts-blue': '#59a4f9',
  'charts-purple': '#b180d7',
  'charts-green': '#89d185',
  'charts-yellow': '#cca700',
  'charts-red': '#f14c4c',
};

const light = {
  ...dark,
  foreground: '#3b3b3b',
  descriptionForeground: '#3b3b3b',
  errorForeground: '#f85149',
  focusBorder: '#005fb8',
  'icon-foreground': '#3b3b3b',
  'editor-background': '#ffffff',
  'editor-foreground': '#3b3b3b',
  'editorWidget-background': '#f8f8f8',
  'panel-border': '#e5e5e5',
  'button-background': '#005fb8',
  'button-hoverBackground': '#0258a8',
  'button-border': '#0000001a',
  'button-secondaryBackground': '#e5e5e5',
  'button-secondaryForeground': '#3b3b3b',
  'button-secondaryHoverBackground': '#cccccc',
  'input-background': '#ffffff',
  'input-foreground': '#3b3b3b',
  'settings-textInputBackground': '#ffffff',
  'settings-textInputForeground': '#3b3b3b',
  'settings-textInputBorder': '#cecece',
  'textLink-foreground': '#005fb8',
  'textPreformat-foreground': '#3b3b3b',
  'textCodeBlock-background': '#f8f8f8',
  'list-hoverBackground': '#f2f2f2',
  'list-activeSelectionBackground': '#e8e8e8',
  'list-activeSelectionForeground': '#000000',
  'progressBar-background': '#005fb8',
  'editorWarning-foreground': '#bf8803',
  'charts-blue': '#0063d3',
  'charts-purple': '#652d90',
  'charts-green': '#388a34',
  'charts-yellow': '#bf8803',
  'charts-red': '#e51400',
};

const highContrast = {
  ...dark,
  foreground: '#ffffff',
  descriptionForeground: '#ffffffb3',
  focusBorder: '#f38518',
  contrastBorder: '#6fc3df',
  contrastActiveBorder: '#f38518',
  'icon-foreground': '#ffffff',
  'editor-background': '#000000',
  'editor-foreground': '#ffffff',
  'editorWidget-background': '#0c141f',
  'panel-border': '#6fc3df',
  'button-background': '#000000',
  'button-hoverBackground': '#000000',
  'button-border': '#6fc3df',
  'button-secondaryBackground': '#000000',
  'button-secondaryForeground': '#ffffff',
  'button-secondaryHoverBackground': '#000000',
  'input-background': '#000000',
  'input-foreground': '#ffffff',
  'settings-textInputBackground': '#000000',
  'settings-textInputForeground': '#ffffff',
  'settings-textInputBorder': '#6fc3df',
  'textLink-foreground': '#21a6ff',
  'textPreformat-foreground': '#ffffff',
  'textCodeBlock-background': '#000000',
  'list-hoverBackground': '#ffffff1a',
  'list-activeSelectionBackground': '#000000',
  'editorWarning-foreground': '#ffd370',
  'progressBar-background': '#6fc3df',
};

const highContrastLight = {
  ...light,
  foreground: '#292929',
  descriptionForeground: '#292929b3',
  focusBorder: '#006bbd',
  contrastBorder: '#0f4a85',
  contrastActiveBorder: '#006bbd',
  'editorWidget-background': '#ffffff',
  'panel-border': '#0f4a85',
  'button-background': '#0f4a85',
  'button-border': '#0f4a85',
  'button-secondaryBackground': '#ffffff',
  'button-secondaryForeground': '#292929',
  'textCodeBlock-background': '#f2f2f2',
  'list-activeSelectionBackground': '#0f4a851a',
};

export interface Theme {
  /** on the page's body, as the editor sets it */
  readonly className: string;
  readonly css: string;
}

const theme = (className: string, variables: Record<string, string>): Theme => ({
  className,
  css: `:root {\n${Object.entries({ ...common, ...variables })
    .map(([name, value]) => `  --vscode-${name}: ${value};`)
    .join('\n')}\n}\nbody { font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); margin: 0 }\n`,
});

export const THEMES = {
  dark: theme('vscode-dark', dark),
  light: theme('vscode-light', light),
  hc: theme('vscode-high-contrast', highContrast),
  'hc-light': theme('vscode-high-contrast vscode-high-contrast-light', highContrastLight),
} as const;
export type ThemeName = keyof typeof THEMES;
