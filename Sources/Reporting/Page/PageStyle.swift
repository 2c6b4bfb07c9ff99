extension Page {
  static let style = """
    :root{--text:#1b1b1b;--soft:#444;--faint:#666;--ground:#fff;--card:#fafafa;--line:#ddd;
    --rule:#333;--link:#114;--hover:#eef3fa;--best:#e6f1e6;--bad:#a33}
    @media(prefers-color-scheme:dark){:root{--text:#e6e6e6;--soft:#c4c4c4;--faint:#a0a0a0;
    --ground:#16181b;--card:#1e2125;--line:#3a3d42;--rule:#999;--link:#9cc3ff;--hover:#232a33;
    --best:#24402a;--bad:#ff9d92}}
    body{font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;
    color:var(--text);background:var(--ground);margin:0;overflow-wrap:break-word}
    header,main,footer{max-width:1240px;margin:0 auto;padding:0 24px}
    header{padding-top:28px}h1{font-size:26px;line-height:1.25;margin:0 0 6px}
    h2{font-size:21px;margin:38px 0 6px;padding-top:14px;border-top:2px solid var(--line)}
    h3{margin:0;font-size:16px}a{color:var(--link)}
    nav{position:sticky;top:0;background:var(--ground);border-bottom:1px solid var(--line);
    z-index:2;padding:8px 24px;text-align:center}
    nav a{margin:0 9px;text-decoration:none;white-space:nowrap;display:inline-block}
    nav a:hover{text-decoration:underline}
    section{scroll-margin-top:72px}
    .lead{color:var(--soft);margin:0 0 14px}
    .cards{display:flex;flex-wrap:wrap;gap:16px;margin:16px 0}
    .card{flex:1 1 280px;min-width:0;border:1px solid var(--line);border-radius:8px;
    padding:12px 16px;background:var(--card)}
    .card p{margin:4px 0;color:var(--soft)}.card ol{margin:4px 0;padding-left:20px}
    .swatch{display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:4px;
    outline:1px solid #fff8}
    dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:2px 16px;margin:12px 0}
    dt{color:var(--faint)}dd{margin:0;overflow-wrap:anywhere}
    .about{margin:16px 0 8px;color:var(--soft);max-width:1100px;font-size:13.5px}
    .about b{color:var(--text);display:block;font-size:15px}
    .links{white-space:nowrap}.links a{margin-right:8px}
    .scroll{overflow-x:auto;margin:0 0 16px}
    table.data{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
    table.data th,table.data td{padding:3px 6px;text-align:right;white-space:nowrap}
    table.data th{font-weight:600;vertical-align:bottom;white-space:normal}
    table.data th.group{text-align:center;border-bottom:1px solid var(--faint)}
    table.data .l{text-align:left}
    table.data td.l{white-space:normal;max-width:210px}
    table.data td.w{text-align:left;white-space:normal;min-width:240px;max-width:640px}
    table.data thead{border-top:2px solid var(--rule);border-bottom:1px solid var(--rule)}
    table.data tbody{border-bottom:2px solid var(--rule)}
    table.data tbody tr:hover{background:var(--hover)}
    table.data tr.sort th{cursor:pointer}
    table.data tr.new td{border-top:1px solid var(--line)}
    .unit{font-weight:400;color:var(--faint)}.best{font-weight:700;background:var(--best)}
    .bad{color:var(--bad);font-style:italic}.none{color:var(--faint)}
    figure{margin:18px 0}figure .scroll{margin:0}
    figure svg{max-width:100%;height:auto;background:#fff}
    figcaption{color:var(--soft);font-size:13.5px;max-width:1100px}
    details{margin:8px 0;border:1px solid var(--line);border-radius:6px;padding:6px 12px}
    summary{cursor:pointer}
    footer{color:var(--soft);padding-bottom:40px;font-size:13.5px}
    svg g[class^=s]{transition:opacity .12s}
    svg.focus g[class^=s]{opacity:.12}svg.focus g.on{opacity:1}
    @media screen and (max-width:760px){
    header,main,footer{padding:0 12px}header{padding-top:16px}h1{font-size:21px}
    nav{position:static;padding:6px 4px}section{scroll-margin-top:8px}
    dl{grid-template-columns:minmax(0,1fr)}dd{margin-bottom:6px}
    figure svg{max-width:none}
    table.data td.l{max-width:130px}
    table.data td.w{min-width:170px}
    table.data tr>:first-child{position:sticky;left:0;background:var(--ground);z-index:1}
    details{padding:6px 8px}}
    @media print{
    :root{--text:#000;--soft:#222;--faint:#444;--ground:#fff;--card:#fff;--line:#bbb;--rule:#000;
    --link:#000;--best:#fff;--bad:#000}
    nav,.links{display:none}.scroll{overflow:visible}
    table.data{font-size:8.5px}table.data th,table.data td{padding:1px 3px}
    figure,.card,table.data tr{break-inside:avoid}thead{display:table-header-group}
    h2,.about{break-after:avoid}}
    """

  /// Sorting by a click on a heading, or by Enter; a method that stands out under the pointer; and
  /// everything unfolded where the page is printed.
  static let script = """
    document.querySelectorAll('tr.sort').forEach(row=>[...row.cells].forEach((th,i)=>{
    th.tabIndex=0;th.onkeydown=e=>{if(e.key==='Enter')th.onclick()};
    th.onclick=()=>{const body=th.closest('table').tBodies[0],
    up=th.dataset.up=th.dataset.up==='1'?'0':'1';
    [...row.cells].forEach(o=>o.removeAttribute('aria-sort'));
    th.setAttribute('aria-sort',up==='1'?'ascending':'descending');
    const key=r=>{const c=r.cells[i];if(c.dataset.v===undefined)return c.className==='none'?null:
    c.textContent;return c.dataset.v==='inf'?Infinity:c.dataset.v==='-inf'?-Infinity:+c.dataset.v};
    [...body.rows].sort((a,b)=>{const x=key(a),y=key(b);if(x===null||y===null)
    return (x===null)-(y===null);return (x<y?-1:x>y?1:0)*(up==='1'?1:-1)})
    .forEach(r=>body.append(r))}}));
    document.querySelectorAll('figure svg').forEach(svg=>{
    svg.addEventListener('mouseover',e=>{const g=e.target.closest('g[class^=s]');
    svg.querySelectorAll('g.on').forEach(o=>o.classList.remove('on'));
    svg.classList.toggle('focus',!!g);if(g){const s=g.classList[0];
    svg.querySelectorAll('g.'+s).forEach(o=>o.classList.add('on'))}});
    svg.addEventListener('mouseleave',()=>svg.classList.remove('focus'))});
    let folded=[];addEventListener('beforeprint',()=>{
    folded=[...document.querySelectorAll('details:not([open])')];folded.forEach(d=>d.open=true)});
    addEventListener('afterprint',()=>folded.forEach(d=>d.open=false));
    """
}
