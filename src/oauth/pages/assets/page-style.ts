/** Quiet and dense: hair lines, one accent; colour is for decisions, and never alone. */
export const PAGE_STYLE = `:root{color-scheme:light dark;
--bg:oklch(.975 .004 255);--panel:#fff;--sunk:oklch(.975 .004 255);--line:oklch(.9 .008 255);--edge:oklch(.62 .015 255);--text:oklch(.235 .02 258);--muted:oklch(.455 .02 258);
--accent:oklch(.5 .19 262);--on-accent:#fff;--accent-hover:oklch(.44 .19 262);
--warn-bg:oklch(.965 .035 85);--warn-line:oklch(.8 .1 80);--warn:oklch(.43 .1 65);--bad-bg:oklch(.965 .02 20);--bad-line:oklch(.75 .12 22);--bad:oklch(.47 .18 25);--good:oklch(.45 .11 152);--good-bg:oklch(.96 .03 155)}
@media (prefers-color-scheme:dark){:root{
--bg:oklch(.178 .014 258);--panel:oklch(.213 .016 258);--sunk:oklch(.19 .015 258);--line:oklch(.31 .018 258);--edge:oklch(.58 .02 258);--text:oklch(.945 .006 255);--muted:oklch(.755 .014 255);
--accent:oklch(.76 .115 258);--on-accent:oklch(.18 .04 262);--accent-hover:oklch(.82 .09 258);
--warn-bg:oklch(.27 .04 75);--warn-line:oklch(.48 .08 78);--warn:oklch(.86 .1 85);--bad-bg:oklch(.26 .05 22);--bad-line:oklch(.5 .12 22);--bad:oklch(.8 .11 22);--good:oklch(.82 .12 152);--good-bg:oklch(.27 .04 155)}}
*{box-sizing:border-box}
html{font:100%/1.5 Inter,system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;background:var(--bg);color:var(--text);-webkit-text-size-adjust:100%}
body{margin:0 auto;padding:2rem 1rem 3rem;max-width:34rem;font-size:.9375rem;overflow-wrap:break-word}
body:has(.wide){max-width:46rem}
.brand{display:flex;align-items:center;gap:.6rem;margin:0 0 1rem;font-weight:600}
.mark{width:1.375rem;height:1.375rem;border-radius:.375rem;background:var(--accent);position:relative;flex:none}
.mark::after{content:"";position:absolute;inset:.36rem;border:.15rem solid var(--on-accent);border-radius:50%}
.card{display:block;background:var(--panel);border:1px solid var(--line);border-radius:.75rem;padding:1.75rem}
h1{font-size:1.375rem;line-height:1.25;margin:0 0 .5rem;letter-spacing:-.01em}
h2{font-size:1rem;margin:2rem 0 .25rem}
p{margin:.5rem 0}
.lead{color:var(--muted);margin:0 0 1.25rem}
.small,.hint{font-size:.8125rem;color:var(--muted)}
code,.mono{font-family:"JetBrains Mono",ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.875em;overflow-wrap:anywhere}
.small code,.detail code{font-size:.95em}
a,.link{color:var(--accent);text-decoration:underline;text-underline-offset:.15em}
.link{background:none;border:0;padding:.25rem 0;font:inherit;cursor:pointer;min-height:1.5rem}
:focus-visible{outline:.1875rem solid var(--accent);outline-offset:.125rem;border-radius:.25rem}
label{display:block;font-weight:600;margin:1rem 0 .3rem}
input[type=email],input[type=password],input[type=text]{width:100%;min-height:2.5rem;padding:.4rem .65rem;font:inherit;color:inherit;background:var(--panel);border:1px solid var(--edge);border-radius:.4375rem}
.code-input{font-family:ui-monospace,Menlo,Consolas,monospace;font-size:1.25rem!important;letter-spacing:.12em;text-transform:uppercase}
input[type=checkbox],input[type=radio]{width:1.125rem;height:1.125rem;margin:.15rem 0 0;accent-color:var(--accent);flex:none}
.check{display:flex;gap:.6rem;align-items:flex-start;font-weight:400}
.button{display:inline-flex;align-items:center;justify-content:center;min-height:2.625rem;padding:.45rem 1rem;font:inherit;font-weight:600;border-radius:.5rem;border:1px solid var(--edge);background:var(--panel);color:var(--text);cursor:pointer;text-align:center;text-decoration:none}
.button:hover{border-color:var(--accent)}
.button.main{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
.button.main:hover{background:var(--accent-hover)}
.button.danger{color:var(--bad);border-color:var(--bad-line)}
.button.slim{min-height:2rem;padding:.2rem .75rem;font-size:.8125rem}
.button:disabled{opacity:.55;cursor:default}
.full{width:100%}
.stack>*+*{margin-top:.75rem}
.submit{margin-top:1.25rem}
.or{display:flex;align-items:center;gap:.75rem;margin:1.25rem 0;color:var(--muted);font-size:.8125rem}
.or::before,.or::after{content:"";flex:1;border-top:1px solid var(--line)}
.pair{display:flex;gap:.75rem;margin-top:1.5rem;flex-wrap:wrap}
.pair>*{flex:1 1 9rem}
.note{border:1px solid var(--line);border-left-width:.25rem;border-radius:.4375rem;padding:.65rem .85rem;margin:.75rem 0;font-size:.875rem}
.note.warn{background:var(--warn-bg);border-color:var(--warn-line);color:var(--warn)}
.note.done{background:var(--good-bg);border-color:var(--good);color:var(--good)}
.note.problem{background:var(--bad-bg);border-color:var(--bad-line);color:var(--bad)}
.asker{border:1px solid var(--line);border-radius:.625rem;padding:1rem 1.125rem;margin:1rem 0;background:var(--sunk)}
.asker .host{display:block;font-size:1.5rem;font-weight:650;line-height:1.25;letter-spacing:-.01em;overflow-wrap:anywhere}
.asker p{margin:.35rem 0 0}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:.75rem 0 0;font-size:.875rem}
.facts dt{color:var(--muted)}
.facts dd{margin:0;min-width:0;overflow-wrap:anywhere}
.code{font-family:ui-monospace,SFMono-Regular,Menlo,monospace;font-size:.8125rem;white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid var(--line);border-radius:.375rem;padding:.5rem .625rem;margin:.4rem 0}
fieldset{border:0;padding:0;margin:1.75rem 0 0;min-width:0}
legend{font-weight:600;font-size:1rem;padding:0;margin:0}
legend+.hint{margin:.15rem 0 0}
.choice{display:flex;gap:.75rem;align-items:flex-start;padding:.75rem 0;border-top:1px solid var(--line);margin:0;font-weight:400}
.choice:has(input:enabled){cursor:pointer}
.choice>span{min-width:0;flex:1}
.choice .name{font-weight:600;margin-right:.25rem}
.choice .detail{display:block;font-size:.8125rem;color:var(--muted);margin-top:.15rem}
.choice.off .name{color:var(--muted)}
.rows{border-bottom:1px solid var(--line);margin-top:.6rem}
.compact .choice{border:0;padding:.35rem 0}
.tag{display:inline-block;font-size:.75rem;font-weight:600;line-height:1.25rem;padding:0 .4rem;border-radius:.25rem;white-space:nowrap;vertical-align:.05em}
.tag.write{background:var(--warn-bg);color:var(--warn)}
.tag.given{background:var(--good-bg);color:var(--good)}
.tag.plain{background:var(--sunk);color:var(--muted);border:1px solid var(--line);font-weight:400}
.within{padding-left:1.875rem}
form:has(#environments-all:checked) .some-environments{display:none}
.choice .not-now{display:none}
form:has(#read-only:checked) .write-scope:not(.off) .name{text-decoration:line-through}
form:has(#read-only:checked) .write-scope:not(.off) .not-now{display:block}
.lives{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:0 1rem}
.who{margin-top:1.25rem;padding-top:1rem;border-top:1px solid var(--line);font-size:.875rem;color:var(--muted)}
.who strong{color:var(--text);overflow-wrap:anywhere}
.items{list-style:none;margin:.75rem 0 0;padding:0;border-bottom:1px solid var(--line)}
.items>li{border-top:1px solid var(--line);padding:.9rem 0;display:flex;gap:1rem;align-items:flex-start;justify-content:space-between;flex-wrap:wrap}
.items>li>div{flex:1 1 14rem;min-width:0}
.items h3{font-size:1rem;margin:0;overflow-wrap:anywhere}
.items p{margin:.2rem 0}
.scopes{display:flex;gap:.3rem;flex-wrap:wrap;list-style:none;padding:0;margin:.4rem 0}
details.ask summary{list-style:none}
details.ask summary::-webkit-details-marker{display:none}
details.ask[open] summary{display:none}
details.ask form{max-width:16rem;font-size:.8125rem}
details.ask form .pair{margin-top:.5rem}
summary{cursor:pointer}
.empty{color:var(--muted);border:1px dashed var(--line);border-radius:.5rem;padding:1rem;margin:.75rem 0 0}
.inline{display:flex;gap:.75rem;align-items:flex-end;flex-wrap:wrap}
.inline>div{flex:1 1 12rem}
.inline[hidden]{display:none}
.tick{width:2.5rem;height:2.5rem;border-radius:50%;background:var(--good-bg);margin-bottom:.75rem;position:relative}
.tick::after{content:"";position:absolute;left:.95rem;top:.6rem;width:.55rem;height:1rem;border:solid var(--good);border-width:0 .18rem .18rem 0;transform:rotate(45deg)}
.shown-code{font:600 1.375rem/1.4 ui-monospace,Menlo,Consolas,monospace;letter-spacing:.12em}
[hidden]{display:none!important}
@media (max-width:30rem){body{padding:1rem .75rem 2rem}.card{padding:1.125rem}.asker .host{font-size:1.25rem}.facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:.4rem}}
@media (prefers-reduced-motion:no-preference){.button{transition:background-color .1s,border-color .1s}}
@media (forced-colors:active){.button,.note,.tag{border:1px solid}}
`;
