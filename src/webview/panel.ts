/** The browser side of the cutover panel. The page holds one `<dts-cutover-panel>`; it does the rest. */
import '../protocol/jitless.ts';
import './components/cutoverPanel.ts';
