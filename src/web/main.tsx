import '@mantine/core/styles.css';
import './app/global.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/app';
import { cspNonce } from './lib/nonce';

// what dialogs use to hold the page still makes a style by itself, and looks for its number here
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = cspNonce();

const root = document.getElementById('root');
if (!root) throw new Error('The page has no place for the application.');
createRoot(root).render(<App />);
