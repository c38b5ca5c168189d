
use builtin;
use str;

set edit:completion:arg-completer[esp-prov-rs] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'esp-prov-rs'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'esp-prov-rs'= {
            cand --transport 'How to reach the device: softap (HTTP; httpd and http are the same), console (UART), or virtual for one inside this process'
            cand --service-name 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]'
            cand --port 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it you choose'
            cand --baud 'Console: bits a second'
            cand --sec-ver 'Security scheme: 0, 1 or 2; without it the one the device names'
            cand --pop 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt'
            cand --pop-file 'File with the proof of possession, - for stdin; one final line end is left out'
            cand --sec2-username 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]'
            cand --sec2-pwd 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt'
            cand --sec2-pwd-file 'File with the password of security 2, - for stdin; one final line end is left out'
            cand --timeout 'Limit for the whole run, without the time taken to answer questions; times are 10s, 500ms, 2min, and a plain number is seconds'
            cand --connect-within 'Limit for building a connection'
            cand --reply-within 'Limit for each reply'
            cand --join-within 'Limit for the device''s join'
            cand --poll-interval 'Longest pause between two questions how the join stands; the first come much faster'
            cand --attempts 'How often to connect at most when the link gets lost'
            cand --ssid 'Name of the Wi-Fi network, 1 to 32 bytes'
            cand --ssid-hex 'Its name in hexadecimal, where it is no text'
            cand --passphrase 'Its passphrase, 8 to 63 bytes; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_PASSPHRASE) or the prompt'
            cand --passphrase-file 'File with the passphrase, - for stdin; one final line end is left out'
            cand --bssid 'One access point of it, e.g. 24:0a:c4:11:22:33; stock firmware ignores it'
            cand --channel 'Its channel, 1 to 14; stock firmware ignores it'
            cand --proto-ver 'Refuse a device of any other version than this'
            cand --custom-data 'Text for the application''s custom-data endpoint, sent before the network'
            cand --color 'Colours: auto, always or never; auto also looks at NO_COLOR'
            cand --open 'The network has no passphrase'
            cand -v 'Say more: -v what the device tells and the causes of errors, -vv each exchange, -vvv its bytes'
            cand --verbose 'Say more: -v what the device tells and the causes of errors, -vv each exchange, -vvv its bytes'
            cand -q 'Say only the result, warnings and errors'
            cand --quiet 'Say only the result, warnings and errors'
            cand --json 'One JSON object per event on stdout (schema in the README)'
            cand --no-input 'Never ask anything, even on a terminal'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand provision 'Give a device its network (the default)'
            cand scan 'List the networks the device sees'
            cand reset 'Make a device forget a network it could not join, so that it takes another'
            cand reprovision 'Make a connected device take another network, where its application allows it'
            cand sec2-credentials 'Make salt and verifier of security 2 for firmware'
            cand simulate 'Be a virtual device on a socket or a serial console'
            cand completions 'Print completions for a shell, or the man page'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'esp-prov-rs;provision'= {
            cand --transport 'How to reach the device: softap (HTTP; httpd and http are the same), console (UART), or virtual for one inside this process'
            cand --service-name 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]'
            cand --port 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it you choose'
            cand --baud 'Console: bits a second'
            cand --sec-ver 'Security scheme: 0, 1 or 2; without it the one the device names'
            cand --pop 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt'
            cand --pop-file 'File with the proof of possession, - for stdin; one final line end is left out'
            cand --sec2-username 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]'
            cand --sec2-pwd 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt'
            cand --sec2-pwd-file 'File with the password of security 2, - for stdin; one final line end is left out'
            cand --timeout 'Limit for the whole run, without the time taken to answer questions; times are 10s, 500ms, 2min, and a plain number is seconds'
            cand --connect-within 'Limit for building a connection'
            cand --reply-within 'Limit for each reply'
            cand --join-within 'Limit for the device''s join'
            cand --poll-interval 'Longest pause between two questions how the join stands; the first come much faster'
            cand --attempts 'How often to connect at most when the link gets lost'
            cand --ssid 'Name of the Wi-Fi network, 1 to 32 bytes'
            cand --ssid-hex 'Its name in hexadecimal, where it is no text'
            cand --passphrase 'Its passphrase, 8 to 63 bytes; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_PASSPHRASE) or the prompt'
            cand --passphrase-file 'File with the passphrase, - for stdin; one final line end is left out'
            cand --bssid 'One access point of it, e.g. 24:0a:c4:11:22:33; stock firmware ignores it'
            cand --channel 'Its channel, 1 to 14; stock firmware ignores it'
            cand --proto-ver 'Refuse a device of any other version than this'
            cand --custom-data 'Text for the application''s custom-data endpoint, sent before the network'
            cand --color 'Colours: auto, always or never; auto also looks at NO_COLOR'
            cand --open 'The network has no passphrase'
            cand -v 'Say more: -v what the device tells and the causes of errors, -vv each exchange, -vvv its bytes'
            cand --verbose 'Say more: -v what the device tells and the causes of errors, -vv each exchange, -vvv its bytes'
            cand -q 'Say only the result, warnings and errors'
            cand --quiet 'Say only the result, warnings and errors'
            cand --json 'One JSON object per event on stdout (schema in the README)'
            cand --no-input 'Never ask anything, even on a terminal'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'esp-prov-rs;scan'= {
            cand --transport 'How to reach the device: softap (HTTP; httpd and http are the same), console (UART), or virtual for one inside this process'
            cand --service-name 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]'
            cand --port 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it you choose'
            cand --baud 'Console: bits a second'
            cand --sec-ver 'Security scheme: 0, 1 or 2; without it the one the device names'
            cand --pop 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt'
            cand --pop-file 'File with the proof of possession, - for stdin; one final line end is left out'
            cand --sec2-username 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]'
            cand --sec2-pwd 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt'
            cand --sec2-pwd-file 'File with the password of security 2, - for stdin; one final line end is left out'
            cand --timeout 'Limit for the whole run, without the time taken to answer questions; times are 10s, 500ms, 2min, and a plain number is seconds'
            cand --connect-within 'Limit for building a connection'
            cand --reply-within 'Limit for each reply'
            cand --join-within 'Limit for the device''s join'
            cand --poll-interval 'Longest pause between two questions how the join stands; the first come much faster'
            cand --attempts 'How often to connect at most when the link gets lost'
            cand --group-channels 'Pause after this many channels, 0 for no pause [default: 5 over HTTP, else 0]'
            cand --scan-period 'Time on each channel; firmware with Bluetooth ignores it'
            cand --page-size 'Networks to ask for at once [default: 16 over HTTP, else 4]'
            cand --color 'Colours: auto, always or never; auto also looks at NO_COLOR'
            cand --passive 'Listen for access points instead of asking for them'
            cand --no-block 'Ask how the scan stands instead of waiting for its answer'
            cand -v 'Say more: -v what the device tells and the causes of errors, -vv each exchange, -vvv its bytes'
            cand --verbose 'Say more: -v what the device tells and the causes of errors, -vv each exchange, -vvv its bytes'
            cand -q 'Say only the result, warnings and errors'
            cand --quiet 'Say only the result, warnings and errors'
            cand --json 'One JSON object per event on stdout (schema in the README)'
            cand --no-input 'Never ask anything, even on a terminal'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'esp-prov-rs;reset'= {
            cand --transport 'How to reach the device: softap (HTTP; httpd and http are the same), console (UART), or virtual for one inside this process'
            cand --service-name 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]'
            cand --port 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it you choose'
            cand --baud 'Console: bits a second'
            cand --sec-ver 'Security scheme: 0, 1 or 2; without it the one the device names'
            cand --pop 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt'
            cand --pop-file 'File with the proof of possession, - for stdin; one final line end is left out'
            cand --sec2-username 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]'
            cand --sec2-pwd 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt'
            cand --sec2-pwd-file 'File with the password of security 2, - for stdin; one final line end is left out'
            cand --timeout 'Limit for the whole run, without the time taken to answer questions; times are 10s, 500ms, 2min, and a plain number is seconds'
            cand --connect-within 'Limit for building a connection'
            cand --reply-within 'Limit for each reply'
            cand --join-within 'Limit for the device''s join'
            cand --poll-interval 'Longest pause between two questions how the join stands; the first come much faster'
            cand --attempts 'How often to connect at most when the link gets lost'
            cand --color 'Colours: auto, always or never; auto also looks at NO_COLOR'
            cand -v 'Say more: -v what the device tells and the causes of errors, -vv each exchange, -vvv its bytes'
            cand --verbose 'Say more: -v what the device tells and the causes of errors, -vv each exchange, -vvv its bytes'
            cand -q 'Say only the result, warnings and errors'
            cand --quiet 'Say only the result, warnings and errors'
            cand --json 'One JSON object per event on stdout (schema in the README)'
            cand --no-input 'Never ask anything, even on a terminal'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'esp-prov-rs;reprovision'= {
            cand --transport 'How to reach the device: softap (HTTP; httpd and http are the same), console (UART), or virtual for one inside this process'
            cand --service-name 'Where the device is: 192.168.4.1, host:port, http://host/, [fe80::1%wlan0] [default: 192.168.4.1:80]'
            cand --port 'Console: the serial port, e.g. /dev/ttyUSB0 or COM3; without it you choose'
            cand --baud 'Console: bits a second'
            cand --sec-ver 'Security scheme: 0, 1 or 2; without it the one the device names'
            cand --pop 'Proof of possession; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_POP) or the prompt'
            cand --pop-file 'File with the proof of possession, - for stdin; one final line end is left out'
            cand --sec2-username 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]'
            cand --sec2-pwd 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt'
            cand --sec2-pwd-file 'File with the password of security 2, - for stdin; one final line end is left out'
            cand --timeout 'Limit for the whole run, without the time taken to answer questions; times are 10s, 500ms, 2min, and a plain number is seconds'
            cand --connect-within 'Limit for building a connection'
            cand --reply-within 'Limit for each reply'
            cand --join-within 'Limit for the device''s join'
            cand --poll-interval 'Longest pause between two questions how the join stands; the first come much faster'
            cand --attempts 'How often to connect at most when the link gets lost'
            cand --color 'Colours: auto, always or never; auto also looks at NO_COLOR'
            cand -v 'Say more: -v what the device tells and the causes of errors, -vv each exchange, -vvv its bytes'
            cand --verbose 'Say more: -v what the device tells and the causes of errors, -vv each exchange, -vvv its bytes'
            cand -q 'Say only the result, warnings and errors'
            cand --quiet 'Say only the result, warnings and errors'
            cand --json 'One JSON object per event on stdout (schema in the README)'
            cand --no-input 'Never ask anything, even on a terminal'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'esp-prov-rs;sec2-credentials'= {
            cand --sec2-username 'User name of security 2 [env: ESP_PROV_SEC2_USERNAME]'
            cand --sec2-pwd 'Password of security 2; visible to other users of this machine, so prefer a file, the environment (ESP_PROV_SEC2_PWD) or the prompt'
            cand --sec2-pwd-file 'File with the password of security 2, - for stdin; one final line end is left out'
            cand --sec2-salt-len 'Length of the salt in bytes'
            cand --format 'c for C arrays, json for hexadecimal text, raw for two files'
            cand --output 'For raw: the files'' common name, without .salt and .verifier'
            cand --color 'Colours: auto, always or never; auto also looks at NO_COLOR'
            cand -v 'Say more: -v what the device tells and the causes of errors, -vv each exchange, -vvv its bytes'
            cand --verbose 'Say more: -v what the device tells and the causes of errors, -vv each exchange, -vvv its bytes'
            cand -q 'Say only the result, warnings and errors'
            cand --quiet 'Say only the result, warnings and errors'
            cand --json 'One JSON object per event on stdout (schema in the README)'
            cand --no-input 'Never ask anything, even on a terminal'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'esp-prov-rs;simulate'= {
            cand --transport 'softap (HTTP on a socket) or console (on a pseudo-terminal, whose path it says)'
            cand --listen 'Softap: where to listen; port 0 picks a free one and says which'
            cand --persona 'Firmware generation to play: legacy (ESP-IDF v3.2 and v4.0 examples, plain version text), idf-v4.4, idf-v5.0, idf-v5.5 or netprov'
            cand --sec-ver 'Security scheme: 0, 1 or 2'
            cand --pop 'Proof of possession'
            cand --sec2-username 'User name of security 2'
            cand --sec2-pwd 'Password of security 2'
            cand --sec2-verifier 'Salt and verifier instead of user name and password: the common name of the files that sec2-credentials --format raw writes'
            cand --networks 'TOML file with the networks in reach [default: Home, Office and the open Guest]'
            cand --join-delay 'From apply to connected'
            cand --failed-attempts 'Attempts that fail before the one that counts'
            cand --fail 'What goes wrong whatever the client sends: wrong-passphrase, not-found, vanish (leaves right after apply) or forever (never stops trying)'
            cand --color 'Colours: auto, always or never; auto also looks at NO_COLOR'
            cand --log-lines 'Console: print log lines in between, also in the middle of echo and reply'
            cand --no-pop 'No proof of possession'
            cand --once 'Leave for good after the first success, and print the network that was set'
            cand --show-secrets 'Print passphrases'
            cand -v 'Say more: -v what the device tells and the causes of errors, -vv each exchange, -vvv its bytes'
            cand --verbose 'Say more: -v what the device tells and the causes of errors, -vv each exchange, -vvv its bytes'
            cand -q 'Say only the result, warnings and errors'
            cand --quiet 'Say only the result, warnings and errors'
            cand --json 'One JSON object per event on stdout (schema in the README)'
            cand --no-input 'Never ask anything, even on a terminal'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'esp-prov-rs;completions'= {
            cand --color 'Colours: auto, always or never; auto also looks at NO_COLOR'
            cand -v 'Say more: -v what the device tells and the causes of errors, -vv each exchange, -vvv its bytes'
            cand --verbose 'Say more: -v what the device tells and the causes of errors, -vv each exchange, -vvv its bytes'
            cand -q 'Say only the result, warnings and errors'
            cand --quiet 'Say only the result, warnings and errors'
            cand --json 'One JSON object per event on stdout (schema in the README)'
            cand --no-input 'Never ask anything, even on a terminal'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'esp-prov-rs;help'= {
            cand provision 'Give a device its network (the default)'
            cand scan 'List the networks the device sees'
            cand reset 'Make a device forget a network it could not join, so that it takes another'
            cand reprovision 'Make a connected device take another network, where its application allows it'
            cand sec2-credentials 'Make salt and verifier of security 2 for firmware'
            cand simulate 'Be a virtual device on a socket or a serial console'
            cand completions 'Print completions for a shell, or the man page'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'esp-prov-rs;help;provision'= {
        }
        &'esp-prov-rs;help;scan'= {
        }
        &'esp-prov-rs;help;reset'= {
        }
        &'esp-prov-rs;help;reprovision'= {
        }
        &'esp-prov-rs;help;sec2-credentials'= {
        }
        &'esp-prov-rs;help;simulate'= {
        }
        &'esp-prov-rs;help;completions'= {
        }
        &'esp-prov-rs;help;help'= {
        }
    ]
    $completions[$command]
}
