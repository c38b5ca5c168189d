_esp__prov__rs() {
    local i cur prev opts cmd
    COMPREPLY=()
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        cur="$2"
    else
        cur="${COMP_WORDS[COMP_CWORD]}"
    fi
    prev="$3"
    cmd=""
    opts=""

    for i in "${COMP_WORDS[@]:0:COMP_CWORD}"
    do
        case "${cmd},${i}" in
            ",$1")
                cmd="esp__prov__rs"
                ;;
            esp__prov__rs,batch)
                cmd="esp__prov__rs__subcmd__batch"
                ;;
            esp__prov__rs,completions)
                cmd="esp__prov__rs__subcmd__completions"
                ;;
            esp__prov__rs,decode)
                cmd="esp__prov__rs__subcmd__decode"
                ;;
            esp__prov__rs,discover)
                cmd="esp__prov__rs__subcmd__discover"
                ;;
            esp__prov__rs,doctor)
                cmd="esp__prov__rs__subcmd__doctor"
                ;;
            esp__prov__rs,help)
                cmd="esp__prov__rs__subcmd__help"
                ;;
            esp__prov__rs,info)
                cmd="esp__prov__rs__subcmd__info"
                ;;
            esp__prov__rs,provision)
                cmd="esp__prov__rs__subcmd__provision"
                ;;
            esp__prov__rs,qr)
                cmd="esp__prov__rs__subcmd__qr"
                ;;
            esp__prov__rs,reprovision)
                cmd="esp__prov__rs__subcmd__reprovision"
                ;;
            esp__prov__rs,reset)
                cmd="esp__prov__rs__subcmd__reset"
                ;;
            esp__prov__rs,scan)
                cmd="esp__prov__rs__subcmd__scan"
                ;;
            esp__prov__rs,sec2-credentials)
                cmd="esp__prov__rs__subcmd__sec2__subcmd__credentials"
                ;;
            esp__prov__rs,send)
                cmd="esp__prov__rs__subcmd__send"
                ;;
            esp__prov__rs,simulate)
                cmd="esp__prov__rs__subcmd__simulate"
                ;;
            esp__prov__rs,status)
                cmd="esp__prov__rs__subcmd__status"
                ;;
            esp__prov__rs__subcmd__batch,export)
                cmd="esp__prov__rs__subcmd__batch__subcmd__export"
                ;;
            esp__prov__rs__subcmd__batch,help)
                cmd="esp__prov__rs__subcmd__batch__subcmd__help"
                ;;
            esp__prov__rs__subcmd__batch,retry)
                cmd="esp__prov__rs__subcmd__batch__subcmd__retry"
                ;;
            esp__prov__rs__subcmd__batch,status)
                cmd="esp__prov__rs__subcmd__batch__subcmd__status"
                ;;
            esp__prov__rs__subcmd__batch__subcmd__help,export)
                cmd="esp__prov__rs__subcmd__batch__subcmd__help__subcmd__export"
                ;;
            esp__prov__rs__subcmd__batch__subcmd__help,help)
                cmd="esp__prov__rs__subcmd__batch__subcmd__help__subcmd__help"
                ;;
            esp__prov__rs__subcmd__batch__subcmd__help,retry)
                cmd="esp__prov__rs__subcmd__batch__subcmd__help__subcmd__retry"
                ;;
            esp__prov__rs__subcmd__batch__subcmd__help,status)
                cmd="esp__prov__rs__subcmd__batch__subcmd__help__subcmd__status"
                ;;
            esp__prov__rs__subcmd__help,batch)
                cmd="esp__prov__rs__subcmd__help__subcmd__batch"
                ;;
            esp__prov__rs__subcmd__help,completions)
                cmd="esp__prov__rs__subcmd__help__subcmd__completions"
                ;;
            esp__prov__rs__subcmd__help,decode)
                cmd="esp__prov__rs__subcmd__help__subcmd__decode"
                ;;
            esp__prov__rs__subcmd__help,discover)
                cmd="esp__prov__rs__subcmd__help__subcmd__discover"
                ;;
            esp__prov__rs__subcmd__help,doctor)
                cmd="esp__prov__rs__subcmd__help__subcmd__doctor"
                ;;
            esp__prov__rs__subcmd__help,help)
                cmd="esp__prov__rs__subcmd__help__subcmd__help"
                ;;
            esp__prov__rs__subcmd__help,info)
                cmd="esp__prov__rs__subcmd__help__subcmd__info"
                ;;
            esp__prov__rs__subcmd__help,provision)
                cmd="esp__prov__rs__subcmd__help__subcmd__provision"
                ;;
            esp__prov__rs__subcmd__help,qr)
                cmd="esp__prov__rs__subcmd__help__subcmd__qr"
                ;;
            esp__prov__rs__subcmd__help,reprovision)
                cmd="esp__prov__rs__subcmd__help__subcmd__reprovision"
                ;;
            esp__prov__rs__subcmd__help,reset)
                cmd="esp__prov__rs__subcmd__help__subcmd__reset"
                ;;
            esp__prov__rs__subcmd__help,scan)
                cmd="esp__prov__rs__subcmd__help__subcmd__scan"
                ;;
            esp__prov__rs__subcmd__help,sec2-credentials)
                cmd="esp__prov__rs__subcmd__help__subcmd__sec2__subcmd__credentials"
                ;;
            esp__prov__rs__subcmd__help,send)
                cmd="esp__prov__rs__subcmd__help__subcmd__send"
                ;;
            esp__prov__rs__subcmd__help,simulate)
                cmd="esp__prov__rs__subcmd__help__subcmd__simulate"
                ;;
            esp__prov__rs__subcmd__help,status)
                cmd="esp__prov__rs__subcmd__help__subcmd__status"
                ;;
            esp__prov__rs__subcmd__help__subcmd__batch,export)
                cmd="esp__prov__rs__subcmd__help__subcmd__batch__subcmd__export"
                ;;
            esp__prov__rs__subcmd__help__subcmd__batch,retry)
                cmd="esp__prov__rs__subcmd__help__subcmd__batch__subcmd__retry"
                ;;
            esp__prov__rs__subcmd__help__subcmd__batch,status)
                cmd="esp__prov__rs__subcmd__help__subcmd__batch__subcmd__status"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        esp__prov__rs)
            opts="-v -q -h -V --transport --service-name --pop --adapter --service-uuid --port --baud --sec-ver --pop-file --qr --sec2-username --sec2-pwd --sec2-pwd-file --require-security --deny-warnings --dangerously-accept-weaker-security --timeout --connect-timeout --reply-timeout --join-timeout --poll-interval --attempts --trace --trace-secrets --ssid --passphrase --passphrase-file --open --ssid-hex --bssid --channel --dataset-tlvs --dataset-tlvs-file --thread-network --network-key --network-key-file --proto-ver --reset-first --custom-data --custom-config --custom-info --custom-ver --verbose --quiet --json --color --no-input --help --explain --version provision discover info scan status send reset reprovision batch sec2-credentials qr doctor decode simulate completions help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --transport)
                    COMPREPLY=($(compgen -W "softap console virtual ble" -- "${cur}"))
                    return 0
                    ;;
                --service-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --adapter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --service-uuid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --port)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --baud)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec-ver)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --qr)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-username)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --require-security)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --connect-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --reply-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --join-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --poll-interval)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --attempts)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --trace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ssid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --passphrase)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --passphrase-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ssid-hex)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --bssid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --channel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dataset-tlvs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dataset-tlvs-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --thread-network)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --network-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --network-key-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --proto-ver)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --custom-data)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --custom-info)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --custom-ver)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --explain)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__batch)
            opts="-v -q -h --roster --ledger --add-roster --job --station --dry-run --watch --prefix --watch-interval --parallel --parallel-ble --retries --retry-interval --stop-after --batch-timeout --on-result --trace --hook-timeout --ledger-timeout --adapter-timeout --lease --transport --adapter --sec-ver --pop --pop-file --sec2-username --sec2-pwd --sec2-pwd-file --proto-ver --reset-first --custom-data --ssid --passphrase --passphrase-file --open --ssid-hex --bssid --channel --require-security --deny-warnings --dangerously-accept-weaker-security --timeout --connect-timeout --reply-timeout --join-timeout --poll-interval --attempts --verbose --quiet --json --color --no-input --help status export retry help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --roster)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ledger)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --job)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --station)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --prefix)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --watch-interval)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --parallel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --parallel-ble)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --retries)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --retry-interval)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --stop-after)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --batch-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --on-result)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --trace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --hook-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ledger-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --adapter-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --lease)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --transport)
                    COMPREPLY=($(compgen -W "softap console virtual ble" -- "${cur}"))
                    return 0
                    ;;
                --adapter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec-ver)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-username)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --proto-ver)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --custom-data)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ssid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --passphrase)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --passphrase-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ssid-hex)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --bssid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --channel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --require-security)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --connect-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --reply-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --join-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --poll-interval)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --attempts)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__batch__subcmd__export)
            opts="-v -q -h --ledger --roster --format --output --verbose --quiet --json --color --no-input --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --ledger)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --roster)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "csv json" -- "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__batch__subcmd__help)
            opts="status export retry help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__batch__subcmd__help__subcmd__export)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__batch__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__batch__subcmd__help__subcmd__retry)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__batch__subcmd__help__subcmd__status)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__batch__subcmd__retry)
            opts="-v -q -h --ledger --roster --failed --unconfirmed --hooks --exit-code --verbose --quiet --json --color --no-input --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --ledger)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --roster)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --exit-code)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__batch__subcmd__status)
            opts="-v -q -h --ledger --roster --verbose --quiet --json --color --no-input --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --ledger)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --roster)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__completions)
            opts="-v -q -h --verbose --quiet --json --color --no-input --help bash zsh fish powershell elvish man"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__decode)
            opts="-v -q -h --endpoint --direction --show-secrets --verbose --quiet --json --color --no-input --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --endpoint)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --direction)
                    COMPREPLY=($(compgen -W "request reply" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__discover)
            opts="-v -q -h --transport --for --prefix --service-uuid --all --adapter --verbose --quiet --json --color --no-input --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --transport)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --for)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --prefix)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --service-uuid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --adapter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__doctor)
            opts="-v -q -h --transport --verbose --quiet --json --color --no-input --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --transport)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help)
            opts="provision discover info scan status send reset reprovision batch sec2-credentials qr doctor decode simulate completions help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__batch)
            opts="status export retry"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__batch__subcmd__export)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__batch__subcmd__retry)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__batch__subcmd__status)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 4 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__completions)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__decode)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__discover)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__doctor)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__info)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__provision)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__qr)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__reprovision)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__reset)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__scan)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__sec2__subcmd__credentials)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__send)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__simulate)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__help__subcmd__status)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__info)
            opts="-v -q -h --transport --service-name --pop --adapter --service-uuid --port --baud --sec-ver --pop-file --qr --sec2-username --sec2-pwd --sec2-pwd-file --require-security --deny-warnings --dangerously-accept-weaker-security --timeout --connect-timeout --reply-timeout --join-timeout --poll-interval --attempts --trace --trace-secrets --count --endpoint --verbose --quiet --json --color --no-input --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --transport)
                    COMPREPLY=($(compgen -W "softap console virtual ble" -- "${cur}"))
                    return 0
                    ;;
                --service-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --adapter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --service-uuid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --port)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --baud)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec-ver)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --qr)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-username)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --require-security)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --connect-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --reply-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --join-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --poll-interval)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --attempts)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --trace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --count)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --endpoint)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__provision)
            opts="-v -q -h --transport --service-name --pop --adapter --service-uuid --port --baud --sec-ver --pop-file --qr --sec2-username --sec2-pwd --sec2-pwd-file --require-security --deny-warnings --dangerously-accept-weaker-security --timeout --connect-timeout --reply-timeout --join-timeout --poll-interval --attempts --trace --trace-secrets --ssid --passphrase --passphrase-file --open --ssid-hex --bssid --channel --dataset-tlvs --dataset-tlvs-file --thread-network --network-key --network-key-file --proto-ver --reset-first --custom-data --custom-config --custom-info --custom-ver --verbose --quiet --json --color --no-input --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --transport)
                    COMPREPLY=($(compgen -W "softap console virtual ble" -- "${cur}"))
                    return 0
                    ;;
                --service-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --adapter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --service-uuid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --port)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --baud)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec-ver)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --qr)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-username)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --require-security)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --connect-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --reply-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --join-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --poll-interval)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --attempts)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --trace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ssid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --passphrase)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --passphrase-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ssid-hex)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --bssid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --channel)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dataset-tlvs)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --dataset-tlvs-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --thread-network)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --network-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --network-key-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --proto-ver)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --custom-data)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --custom-info)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --custom-ver)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__qr)
            opts="-v -q -h --qr --name --transport --network --pop --pop-file --sec2-username --sec2-pwd --sec2-pwd-file --format --output --verbose --quiet --json --color --no-input --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --qr)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --transport)
                    COMPREPLY=($(compgen -W "softap ble" -- "${cur}"))
                    return 0
                    ;;
                --network)
                    COMPREPLY=($(compgen -W "wifi thread" -- "${cur}"))
                    return 0
                    ;;
                --pop)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-username)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "text link terminal png svg" -- "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__reprovision)
            opts="-v -q -h --transport --service-name --pop --adapter --service-uuid --port --baud --sec-ver --pop-file --qr --sec2-username --sec2-pwd --sec2-pwd-file --require-security --deny-warnings --dangerously-accept-weaker-security --timeout --connect-timeout --reply-timeout --join-timeout --poll-interval --attempts --trace --trace-secrets --verbose --quiet --json --color --no-input --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --transport)
                    COMPREPLY=($(compgen -W "softap console virtual ble" -- "${cur}"))
                    return 0
                    ;;
                --service-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --adapter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --service-uuid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --port)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --baud)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec-ver)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --qr)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-username)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --require-security)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --connect-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --reply-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --join-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --poll-interval)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --attempts)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --trace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__reset)
            opts="-v -q -h --transport --service-name --pop --adapter --service-uuid --port --baud --sec-ver --pop-file --qr --sec2-username --sec2-pwd --sec2-pwd-file --require-security --deny-warnings --dangerously-accept-weaker-security --timeout --connect-timeout --reply-timeout --join-timeout --poll-interval --attempts --trace --trace-secrets --verbose --quiet --json --color --no-input --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --transport)
                    COMPREPLY=($(compgen -W "softap console virtual ble" -- "${cur}"))
                    return 0
                    ;;
                --service-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --adapter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --service-uuid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --port)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --baud)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec-ver)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --qr)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-username)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --require-security)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --connect-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --reply-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --join-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --poll-interval)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --attempts)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --trace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__scan)
            opts="-v -q -h --transport --service-name --pop --adapter --service-uuid --port --baud --sec-ver --pop-file --qr --sec2-username --sec2-pwd --sec2-pwd-file --require-security --deny-warnings --dangerously-accept-weaker-security --timeout --connect-timeout --reply-timeout --join-timeout --poll-interval --attempts --trace --trace-secrets --passive --group-channels --scan-period --page-size --channel-mask --reset-first --no-block --verbose --quiet --json --color --no-input --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --transport)
                    COMPREPLY=($(compgen -W "softap console virtual ble" -- "${cur}"))
                    return 0
                    ;;
                --service-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --adapter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --service-uuid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --port)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --baud)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec-ver)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --qr)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-username)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --require-security)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --connect-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --reply-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --join-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --poll-interval)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --attempts)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --trace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --group-channels)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --scan-period)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --page-size)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --channel-mask)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__sec2__subcmd__credentials)
            opts="-v -q -h --sec2-username --sec2-pwd --sec2-pwd-file --sec2-salt-len --format --output --verbose --quiet --json --color --no-input --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --sec2-username)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-salt-len)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --format)
                    COMPREPLY=($(compgen -W "c json raw" -- "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__send)
            opts="-v -q -h --utf8 --hex --file --to --plain --reply --output --transport --service-name --pop --adapter --service-uuid --port --baud --sec-ver --pop-file --qr --sec2-username --sec2-pwd --sec2-pwd-file --require-security --deny-warnings --dangerously-accept-weaker-security --timeout --connect-timeout --reply-timeout --join-timeout --poll-interval --attempts --trace --trace-secrets --verbose --quiet --json --color --no-input --help -"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --utf8)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --hex)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --to)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --reply)
                    COMPREPLY=($(compgen -W "auto text hex raw" -- "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --transport)
                    COMPREPLY=($(compgen -W "softap console virtual ble" -- "${cur}"))
                    return 0
                    ;;
                --service-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --adapter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --service-uuid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --port)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --baud)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec-ver)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --qr)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-username)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --require-security)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --connect-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --reply-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --join-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --poll-interval)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --attempts)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --trace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__simulate)
            opts="-v -q -h --transport --listen --log-lines --whole-replies --session-only --persona --sec-ver --pop --no-pop --sec2-username --sec2-pwd --sec2-verifier --replay --networks --join-delay --failed-attempts --fail --quirk --scan-time --once --show-secrets --ready-file --count --roster --wrong-pop --drop --delay --delay-by --reboot --seed --verbose --quiet --json --color --no-input --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --transport)
                    COMPREPLY=($(compgen -W "softap console" -- "${cur}"))
                    return 0
                    ;;
                --listen)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --persona)
                    COMPREPLY=($(compgen -W "legacy idf-v4.4 idf-v5.0 idf-v5.5 netprov netprov-thread" -- "${cur}"))
                    return 0
                    ;;
                --sec-ver)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-username)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-verifier)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --replay)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --networks)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --join-delay)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --failed-attempts)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --fail)
                    COMPREPLY=($(compgen -W "wrong-passphrase not-found vanish forever" -- "${cur}"))
                    return 0
                    ;;
                --quirk)
                    COMPREPLY=($(compgen -W "reconnects refuses-reset restarts-once stays-open" -- "${cur}"))
                    return 0
                    ;;
                --scan-time)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --ready-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --count)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --roster)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --wrong-pop)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --drop)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --delay)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --delay-by)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --reboot)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --seed)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        esp__subcmd__prov__subcmd__rs__subcmd__status)
            opts="-v -q -h --transport --service-name --pop --adapter --service-uuid --port --baud --sec-ver --pop-file --qr --sec2-username --sec2-pwd --sec2-pwd-file --require-security --deny-warnings --dangerously-accept-weaker-security --timeout --connect-timeout --reply-timeout --join-timeout --poll-interval --attempts --trace --trace-secrets --verbose --quiet --json --color --no-input --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --transport)
                    COMPREPLY=($(compgen -W "softap console virtual ble" -- "${cur}"))
                    return 0
                    ;;
                --service-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --adapter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --service-uuid)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --port)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --baud)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec-ver)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pop-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --qr)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-username)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --sec2-pwd-file)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --require-security)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --connect-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --reply-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --join-timeout)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --poll-interval)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --attempts)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --trace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
    esac
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _esp__prov__rs -o nosort -o bashdefault -o default esp-prov-rs
else
    complete -F _esp__prov__rs -o bashdefault -o default esp-prov-rs
fi
